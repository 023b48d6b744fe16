import type { VerifySignature } from '@onus/core/ledger/checkpoint.ts'

/** Of Web Crypto, which is there on secure origins only. */
export const verifySignature: VerifySignature = async (publicKey, message, signature) => {
  const key = await crypto.subtle.importKey('raw', own(publicKey), 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', key, own(signature), own(message))
}

/** A copy in memory of its own, as Web Crypto wants it. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes)

/** The key of RFC 8032 §7.1, test 1: of no meaning here, but one that must be readable. */
const SAMPLE = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'

/** Whether this browser can check signatures on this page. */
export async function canVerify(): Promise<boolean> {
  if (globalThis.crypto?.subtle === undefined) return false
  const raw = Uint8Array.from(SAMPLE.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
  return crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']).then(
    () => true,
    () => false,
  )
}
