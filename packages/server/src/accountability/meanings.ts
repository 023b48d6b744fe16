import { parseGroupName } from '@onus/core/team-names.ts'

/** What two spellings of one team have in common: `github:Payments`, `@acme/payments` and "Payments Team". */
export function looseFormOf(name: string): string {
  const words = parseGroupName(name)
    .slug.split('-')
    .filter((word) => word !== '')
  const telling = words.filter((word) => word !== 'team' && word !== 'the')
  return (telling.length > 0 ? telling : words).join('')
}
