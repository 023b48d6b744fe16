/** What the API says about the ledger. */
import { z } from 'zod'
import { Entry } from './entry.ts'

const Hex = z.string().regex(/^[0-9a-f]{64}$/)
const Size = z.int().nonnegative()

export const LedgerRow = z.object({
  index: Size.nullable().describe('its place in the tree; null while it is queued'),
  stage: z.enum(['queued', 'published']).describe('published: under a signed checkpoint'),
  entry: Entry,
  actorName: z.string().nullable().describe('of the person or token who acted, as long as it is known'),
  personal: z.record(z.string(), z.string()).describe('personal values by slot, as long as they were not erased'),
})
export type LedgerRow = z.infer<typeof LedgerRow>

export const LedgerProof = z.object({
  text: z.string().describe('the exact bytes that are hashed: RFC 8785 JSON in UTF-8'),
  leaf: Hex.describe('SHA-256 of a zero byte and the text'),
  index: Size,
  size: Size,
  proof: z.array(Hex).describe('RFC 9162 section 2.1.3'),
  checkpoint: z.string().describe('C2SP tlog-checkpoint over the size'),
})
export type LedgerProof = z.infer<typeof LedgerProof>

export const LedgerDetail = LedgerRow.extend({ inclusion: LedgerProof.nullable().describe('null while it is queued') })
export type LedgerDetail = z.infer<typeof LedgerDetail>

export const LedgerConsistency = z.object({
  oldSize: Size,
  size: Size,
  proof: z.array(Hex).describe('RFC 9162 section 2.1.4'),
  checkpoint: z.string(),
})
export type LedgerConsistency = z.infer<typeof LedgerConsistency>

export const LedgerState = z.object({
  origin: z.string(),
  size: Size,
  root: Hex,
  signedAt: z.iso.datetime().nullable(),
  queued: Size.describe('entries that are not signed yet'),
  oldestQueuedAt: z.iso.datetime().nullable(),
  trouble: z
    .object({ since: z.iso.datetime(), isDamaged: z.boolean(), reason: z.string() })
    .nullable()
    .describe('why nothing is signed; damaged: the stored tree is not the one that was signed last'),
  keys: z
    .array(z.object({ vkey: z.string(), createdAt: z.iso.datetime(), retiredAt: z.iso.datetime().nullable() }))
    .describe('C2SP verifier keys, the oldest first'),
})
export type LedgerState = z.infer<typeof LedgerState>
