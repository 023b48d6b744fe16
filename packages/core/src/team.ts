import { z } from 'zod'
import { Place } from './place.ts'

export const TEAM_KINDS = ['business', 'platform', 'security', 'unknown'] as const
export const Team = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(TEAM_KINDS),
  contacts: z.array(z.string()).describe('addresses and channels'),
  members: z.array(z.string()),
  /** True when some system has a group of this name; false when it is only named in a tag. */
  isKnown: z.boolean(),
  /** Every spelling met, so that a reader can see what was matched. */
  spellings: z.array(z.string()),
  evidence: z.array(Place.extend({ via: z.string() })),
})
export type Team = z.infer<typeof Team>
