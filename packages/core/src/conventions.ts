/**
 * Every company has its own annotation and tag keys. A convention says what a key means; common shapes are recognised
 * by themselves, a conventions file maps the rest (`onus conventions suggest` proposes one).
 */
import { z } from 'zod'
import type { Tag } from './observation.ts'

export const MEANINGS = [
  'team', 'owner', 'contact', 'business-unit', 'function', 'service', 'purpose', 'environment', 'production', 'review-after',
  'source-code', 'expires', 'rotated', 'created', 'third-party', 'data-class', 'revocation',
] as const
export const Meaning = z.enum(MEANINGS)
export type Meaning = z.infer<typeof Meaning>

/** The conventions file (`onus.conventions.yaml`), after parsing. */
export const Conventions = z.strictObject({
  version: z.literal(1),
  /** meaning → exact keys (case-insensitive); they win over the built-in shapes. */
  keys: z.partialRecord(Meaning, z.array(z.string())).default({}),
  /** Keys that look like a convention but mean something else here. */
  ignore: z.array(z.string()).default([]),
  /** The company's word → production, staging, preproduction, test, development, sandbox, shared. */
  environments: z.record(z.string(), z.string()).default({}),
  /** Groups that operate the platform and answer for no business function. */
  platformTeams: z.array(z.string()).default([]),
  securityTeams: z.array(z.string()).default([]),
  /** Other spelling → the team's name. */
  teamAliases: z.record(z.string(), z.string()).default({}),
  /** Order of day and month where a date could be either: "03-04-2026". */
  dateOrder: z.enum(['day-month', 'month-day']).default('day-month'),
  /** How old a credential may be and how long a review may wait, in days. */
  limits: z
    .strictObject({ credentialAgeDays: z.int().positive().default(90), certificateAgeDays: z.int().positive().default(398), dormantDays: z.int().positive().default(90) })
    .prefault({}),
})
export type Conventions = z.infer<typeof Conventions>

export const DEFAULT_CONVENTIONS: Conventions = Conventions.parse({ version: 1 })

/** A tag with its meaning. `key` and `line` stay, because they are the evidence. */
export type Meant = Tag & { meaning: Meaning }

/** Reads tags by convention; a tag without meaning is left out. Order follows the tags. */
export function interpret(_tags: readonly Tag[], _conventions: Conventions): Meant[] {
  throw new Error('written next')
}
