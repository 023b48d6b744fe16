import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits, in letters that survive an address and a shell. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored instead. The secret is random, so a plain hash tells nothing about it. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
