import { digestOf } from '../ledger/entry.ts'
import type { Sha256 } from '../ledger/entry.ts'
import { canonicalJson } from '../ledger/canonical-json.ts'
import type { JsonObject } from '../ledger/canonical-json.ts'
import type { ChangeContent } from './content.ts'

/**
 * What an approval is given to: `sha256:` over the RFC 8785 JSON of kind, content and base. The base is the part of the
 * world that the change was written against, so the same wish in another world is another change.
 */
export function changeDigest(content: ChangeContent, base: JsonObject, sha256: Sha256): string {
  return digestOf(canonicalJson({ kind: content.kind, content: content as JsonObject, base }), sha256)
}
