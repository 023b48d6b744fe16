import { z } from 'zod'
import { Accountability, KnownDate } from './identity.ts'
import { Place } from './place.ts'

/** A namespace, repository or cloud account: it can be owned and controlled, and identities inside inherit that. */
export const OwnedScope = z.object({
  id: z.string(),
  kind: z.enum(['kubernetes-namespace', 'repository', 'cloud-account', 'directory']),
  name: z.string(),
  environment: z.string().nullable(),
  isProduction: z.boolean().nullable(),
  accountability: Accountability,
  function: z.string().nullable(),
  repositoryUrl: z.string().nullable(),
  reviewAfter: KnownDate,
  identityCount: z.int().nonnegative(),
  source: Place.extend({ isDefined: z.boolean() }),
  tags: z.record(z.string(), z.string()),
})
export type OwnedScope = z.infer<typeof OwnedScope>
