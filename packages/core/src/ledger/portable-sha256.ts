/** SHA-256 for verifiers without Node: the browser's own answers only asynchronously, which is too slow for each entry. */
import { sha256 } from '@noble/hashes/sha2.js'
import type { Sha256 } from './entry.ts'

export const portableSha256: Sha256 = sha256
