/** The scan report: the JSON contract of `onus scan --format json` and of `POST /v1/imports`. */
import { z } from 'zod'
import { Finding, Severity } from './finding.ts'
import { Identity, AccountabilityState } from './identity.ts'
import { OwnedScope } from './owned-scope.ts'
import { Api, BusinessFunction, Service } from './service.ts'
import { Team } from './team.ts'

export const REPORT_VERSION = 1

export const UnreadEntry = z.object({ file: z.string(), line: z.int().positive(), reason: z.string() })

export const SourceReport = z.object({
  path: z.string().describe('the scanned root as it was named'),
  reader: z.string(),
  files: z.int().nonnegative().describe('files this reader took'),
  bytes: z.int().nonnegative(),
  observations: z.int().nonnegative(),
  unread: z.array(UnreadEntry),
  unreadCount: z.int().nonnegative().describe('all of them; the list is capped'),
  blind: z.array(z.string()).describe('what this reader cannot see at all'),
  isComplete: z.boolean().describe('false: something was not read, so absence proves nothing'),
})
export type SourceReport = z.infer<typeof SourceReport>

export const Summary = z.object({
  identities: z.int().nonnegative(),
  credentials: z.int().nonnegative(),
  byState: z.record(AccountabilityState, z.int().nonnegative()),
  byKind: z.record(z.string(), z.int().nonnegative()),
  byEnvironment: z.record(z.string(), z.int().nonnegative()),
  findings: z.record(Severity, z.int().nonnegative()).describe('verdict fail only'),
  failures: z.record(z.string(), z.int().nonnegative()).describe('rule → count of fail'),
  unknowns: z.record(z.string(), z.int().nonnegative()).describe('rule → count of unknown: what could not be judged'),
  unread: z.int().nonnegative(),
  files: z.int().nonnegative(),
})
export type Summary = z.infer<typeof Summary>

export const ScanReport = z.object({
  onus: z.object({ report: z.literal(REPORT_VERSION), version: z.string() }),
  asOf: z.iso.datetime(),
  sources: z.array(SourceReport),
  teams: z.array(Team),
  functions: z.array(BusinessFunction),
  services: z.array(Service),
  apis: z.array(Api),
  scopes: z.array(OwnedScope).describe('namespaces, repositories and accounts that can be owned'),
  identities: z.array(Identity),
  findings: z.array(Finding),
  summary: Summary,
  limits: z
    .object({
      credentialAgeDays: z.int().positive(),
      certificateAgeDays: z.int().positive(),
      dormantDays: z.int().positive(),
    })
    .optional()
    .describe('of the conventions it was judged by, in days; the registry judges by them again'),
})
export type ScanReport = z.infer<typeof ScanReport>
