/** Where the next page begins. Opaque and sealed: a cursor that we did not make, or for another list, is refused. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { Refused } from '../http/refused.ts'

const Position = z.strictObject({
  /** The sort key of the last row, as text. */
  after: z.string(),
  id: z.string(),
  total: z.int().nonnegative(),
  isTotalExact: z.boolean(),
})
export type Position = z.infer<typeof Position>

/** `list` is whatever decides the rows and their order; the same cursor for another question means nothing. */
function seal(key: Buffer, payload: string, list: unknown): Buffer {
  const asked = createHash('sha256').update(JSON.stringify(list)).digest()
  return createHmac('sha256', key).update(payload).update(asked).digest().subarray(0, 12)
}

export function writeCursor(key: Buffer, list: unknown, position: Position): string {
  const payload = Buffer.from(JSON.stringify(position)).toString('base64url')
  return `${payload}.${seal(key, payload, list).toString('base64url')}`
}

/** The position, or null without a cursor. Throws `Refused` for one that was changed or belongs to another list. */
export function readCursor(key: Buffer, list: unknown, cursor: string | undefined): Position | null {
  if (cursor === undefined) return null
  const [payload = '', mark = ''] = cursor.split('.')
  const given = Buffer.from(mark, 'base64url')
  const wanted = seal(key, payload, list)
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new Refused('invalid-cursor', 'start the list again without a cursor', [
      { field: 'cursor', reason: 'not made for this list' },
    ])
  }
  return Position.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
}
