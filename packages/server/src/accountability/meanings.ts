import { parseGroupName } from '@onus/core/team-names.ts'

/** Each acceptance compares its team with every name that was discovered: thousands, and the same each time. */
const known = new Map<string, string>()
const MOST_KNOWN = 20_000

/** What two spellings of one team have in common: `github:Payments`, `@acme/payments` and "Payments Team". */
export function looseFormOf(name: string): string {
  const found = known.get(name)
  if (found !== undefined) return found
  if (known.size >= MOST_KNOWN) known.clear()
  const form = formOf(name)
  known.set(name, form)
  return form
}

function formOf(name: string): string {
  const words = parseGroupName(name)
    .slug.split('-')
    .filter((word) => word !== '')
  const telling = words.filter((word) => word !== 'team' && word !== 'the')
  return (telling.length > 0 ? telling : words).join('')
}
