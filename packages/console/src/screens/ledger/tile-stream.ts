/**
 * The ledger without what people wrote, for those who may not export it: read tile by tile (C2SP tlog-tiles), and told
 * in the lines of an export, so that one verifier reads both.
 */
import { urlOf } from '@onus/core/contract/client.ts'
import { LedgerState } from '@onus/core/ledger/shapes.ts'
import { readCheckpoint } from '@onus/core/ledger/checkpoint.ts'
import { entryLine, headerLine } from '@onus/core/ledger/export.ts'
import { HASH_BYTES } from '@onus/core/ledger/merkle.ts'
import { TILE_WIDTH, tilePath } from '@onus/core/ledger/tiles.ts'
import type { Tile } from '@onus/core/ledger/tiles.ts'

async function asked(url: string): Promise<Response> {
  const answer = await fetch(url, { credentials: 'same-origin' })
  if (!answer.ok) throw new Error(`The server answered ${answer.status} instead of the ledger.`)
  return answer
}

async function tileOf(tile: Tile): Promise<Uint8Array> {
  const path = tilePath(tile).slice('tile/'.length)
  return new Uint8Array(await (await asked(urlOf('ledgerTile', { params: { path } }))).arrayBuffer())
}

/** Throws `Error` when the server does not answer with a ledger. */
export async function* tileLines(): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  const decoder = new TextDecoder()
  const state = LedgerState.parse(await (await asked(urlOf('ledgerState'))).json())
  const checkpoint = await (await asked(urlOf('ledgerCheckpoint'))).text()
  const signed = readCheckpoint(checkpoint)
  if (!signed) throw new Error('The checkpoint is not spelled as one.')
  const { origin, size } = signed
  yield encoder.encode(`${headerLine({ origin, size, checkpoint, keys: state.keys.map(({ vkey }) => vkey) })}\n`)
  for (let from = 0; from < size; from += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, size - from)
    const at = { index: from / TILE_WIDTH, width }
    const [hashes, bundle] = await Promise.all([tileOf({ level: 0, ...at }), tileOf({ level: 'entries', ...at })])
    const lines = entriesIn(bundle).map((bytes, step) =>
      entryLine({ index: from + step, leaf: hashes.subarray(step * HASH_BYTES, (step + 1) * HASH_BYTES), personal: {}, text: decoder.decode(bytes) }),
    )
    yield encoder.encode(lines.map((line) => `${line}\n`).join(''))
  }
}

/** The entries of a bundle, each behind its length in two bytes. A bundle that is cut short gives fewer. */
function entriesIn(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = []
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength)
  for (let at = 0; at + 2 <= bundle.length; ) {
    const length = view.getUint16(at)
    entries.push(bundle.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return entries
}
