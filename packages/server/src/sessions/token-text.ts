/** The text of a token, made to be found where it must not be: a prefix, and a checksum that needs no server to check. */
import { randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

const PREFIX = 'onus_'
const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 190 random bits: nobody guesses it, and a plain hash of it tells nothing. */
const RANDOM_LENGTH = 32
/** 62⁶ is more than 2³². */
const CHECK_LENGTH = 6

/** For secret scanners, as the guide gives it; a hit whose checksum is right is a token of some Onus. */
export const TOKEN_PATTERN = /^onus_[0-9A-Za-z]{38}$/
/** As the version before made them. They live a year at most. */
const OLD_PATTERN = /^onus_[\w-]{43}$/

function checksum(random: string): string {
  let rest = crc32(random)
  let text = ''
  for (let place = 0; place < CHECK_LENGTH; place += 1) {
    text = (LETTERS[rest % LETTERS.length] ?? '') + text
    rest = Math.floor(rest / LETTERS.length)
  }
  return text
}

/** A new token: `onus_`, 32 random letters and digits, and the CRC-32 of these as six more (base 62, leading zeros). */
export function newToken(): string {
  let random = ''
  while (random.length < RANDOM_LENGTH) random += LETTERS[randomInt(LETTERS.length)] ?? ''
  return PREFIX + random + checksum(random)
}

/** False for what can be no token of ours, without asking the database. */
export function wellFormed(text: string): boolean {
  if (!TOKEN_PATTERN.test(text)) return OLD_PATTERN.test(text)
  const random = text.slice(PREFIX.length, PREFIX.length + RANDOM_LENGTH)
  return text.endsWith(checksum(random))
}
