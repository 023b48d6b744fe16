const whole = new Intl.NumberFormat('en')
const SHARE = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })

/** `20,311` */
export function count(value: number): string {
  return whole.format(value)
}

/** `1 team`, `14 teams` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${whole.format(value)} ${value === 1 ? one : many}`
}

/** A share that never rounds something to nothing, or almost everything to all. */
export function share(part: number, all: number): string {
  if (all === 0) return '–'
  const ratio = part / all
  if (part > 0 && ratio < 0.001) return '< 0.1%'
  if (part < all && ratio > 0.999) return '> 99.9%'
  return SHARE.format(ratio)
}
