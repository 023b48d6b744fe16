import { z } from 'zod'
import { Place } from './place.ts'

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
export const Severity = z.enum(SEVERITIES)
export type Severity = z.infer<typeof Severity>

/** True when `severity` is as bad as `floor` or worse. */
export function isAtLeast(severity: Severity, floor: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(floor)
}

/** fail: the rule's condition holds on the facts. unknown: the rule lacks facts and says which; counted apart. */
export const Verdict = z.enum(['fail', 'unknown'])
export type Verdict = z.infer<typeof Verdict>

export const Finding = z.object({
  id: z.string().describe('stable: the same condition on the same subject keeps its id'),
  rule: z.string(),
  severity: Severity,
  verdict: Verdict,
  subject: z.object({
    kind: z.enum(['identity', 'credential', 'namespace', 'repository', 'cloud-account', 'directory', 'team']),
    id: z.string(),
  }),
  identity: z.string().nullable(),
  credential: z.string().nullable(),
  team: z.string().nullable().describe('whose queue it belongs to'),
  title: z.string(),
  detail: z.string().describe('what was found and, for unknown, what is missing'),
  evidence: z.array(Place),
  maps: z.object({ owaspNhi: z.array(z.string()), csf: z.array(z.string()) }),
  fix: z.string(),
})
export type Finding = z.infer<typeof Finding>
