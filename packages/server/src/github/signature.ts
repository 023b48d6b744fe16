/** GitHub's signature of a delivery: HMAC-SHA256 over the raw body, in hex, under the secret of the webhook. */
import { createHmac, timingSafeEqual } from 'node:crypto'

const FORM = /^sha256=([0-9a-f]{64})$/

/**
 * Whether `header` (`X-Hub-Signature-256`) is the signature of exactly these bytes. How long that takes says nothing
 * about either. The older `X-Hub-Signature`, which is SHA-1, is never looked at.
 */
export function isSigned(secret: string, header: string | undefined, body: Uint8Array): boolean {
  const given = FORM.exec(header ?? '')?.[1]
  if (given === undefined) return false
  return timingSafeEqual(Buffer.from(given, 'hex'), createHmac('sha256', secret).update(body).digest())
}
