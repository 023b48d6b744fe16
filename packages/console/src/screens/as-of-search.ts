import { z } from 'zod'

/** The date a question is asked for; without it, now. `2026-11-01` means the end of that day in UTC. */
export const AsOfSearch = { asOf: z.union([z.iso.datetime(), z.iso.date()]) }

/** The instant that the API is asked for; undefined = now. */
export function instantOf(asOf: string | undefined): { asOf?: string } {
  if (asOf === undefined) return {}
  return { asOf: asOf.length === 10 ? `${asOf}T23:59:59.999Z` : asOf }
}
