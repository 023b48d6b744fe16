import { daysBetween } from '../../time.ts'
import type { Identity } from '../../identity.ts'
import { FINE, type Estate, type IdentityRule } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { day, days, nameOf, placeOf } from '../wording.ts'

/**
 * Medium. It fails only when usage of its system was watched for the whole window (law 5). A last use that a source
 * reports within the window shows that it is used; an old one does not show the opposite, because nothing says how far
 * the source had looked when it was exported.
 */
export const dormant: IdentityRule = {
  id: 'dormant',
  about: 'identity',
  title: 'It is not used',
  severity: 'medium',
  needs: ['usage of its system over the whole window'],
  fix: 'Disable it, wait for one business cycle, and delete it.',
  maps: { owaspNhi: ['NHI1:2025'], csf: ['ID.AM-08', 'PR.AA-01'] },
  judge: (identity, estate) => {
    if (identity.isSuspended === true) return FINE
    const last = lastUse(identity)
    const window = estate.limits.dormantDays
    if (last !== null && daysBetween(last, estate.asOf) <= window) return FINE
    // A new identity has had no time to be used.
    if (identity.createdAt !== null && daysBetween(identity.createdAt, estate.asOf) <= window) return FINE
    const evidence = [placeOf(identity)]
    if (!isCovered(identity, estate)) {
      const known = last === null ? '' : ` The last use that its source reports was on ${day(last)}.`
      const missing = `Usage of ${identity.source.system} over the last ${days(window)} was not seen.${known}`
      return [
        { verdict: 'unknown', title: `Whether ${nameOf(identity)} is still used is not known`, missing, evidence },
      ]
    }
    const detail =
      last === null
        ? `No use was seen, and all usage of the last ${days(window)} was watched.`
        : `It was last used on ${day(last)}, ${days(daysBetween(last, estate.asOf))} ago.`
    return [
      {
        verdict: 'fail',
        title: `${nameOf(identity)} is not used`,
        detail,
        evidence,
        severity: inPlace('medium', identity),
      },
    ]
  },
}

function lastUse(identity: Identity): string | null {
  let last: string | null = null
  for (const { lastUsedAt } of identity.credentials) {
    if (lastUsedAt !== null && (last === null || Date.parse(lastUsedAt) > Date.parse(last))) last = lastUsedAt
  }
  return last
}

function isCovered(identity: Identity, estate: Estate): boolean {
  const coverage = estate.usageCoverage.get(identity.source.system)
  if (coverage === undefined) return false
  const from = estate.asOf.getTime() - estate.limits.dormantDays * 24 * 60 * 60 * 1000
  return coverage.from.getTime() <= from && coverage.to.getTime() >= estate.asOf.getTime()
}
