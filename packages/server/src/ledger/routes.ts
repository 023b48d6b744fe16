import { Readable } from 'node:stream'
import { readTilePath, TILE_WIDTH } from '@onus/core/ledger/tiles.ts'
import type { Context } from '../context.ts'
import type { Handlers } from '../http/mount.ts'
import { Refused } from '../http/refused.ts'
import { exportLedger } from './export.ts'
import { checkpointNote, consistency, ledgerState, listEntries, oneEntry, tileBytes } from './reads.ts'

type Names =
  | 'listLedger'
  | 'ledgerState'
  | 'ledgerEntry'
  | 'ledgerConsistency'
  | 'ledgerCheckpoint'
  | 'ledgerTile'
  | 'ledgerExport'

export function ledgerHandlers({ db: { read }, cursorKey, sequencer }: Context): Pick<Handlers, Names> {
  return {
    listLedger: ({ query }) => listEntries(read, cursorKey, query),
    ledgerState: () => ledgerState(read, sequencer.trouble()),
    ledgerEntry: ({ params }) => oneEntry(read, params.id),
    ledgerConsistency: ({ query }) => consistency(read, query.oldSize),
    ledgerCheckpoint: () => checkpointNote(read),
    async ledgerTile({ params, reply }) {
      const tile = readTilePath(`tile/${params.path}`)
      const bytes = tile && (await tileBytes(read, tile))
      if (!tile || !bytes) throw new Refused('not-found', 'the signed ledger has no such tile')
      // A full tile never changes, and a partial one is called otherwise when it has grown.
      const cache = tile.width === TILE_WIDTH ? 'private, max-age=31536000, immutable' : 'private, max-age=86400'
      await reply.type('application/octet-stream').header('cache-control', cache).send(bytes)
    },
    async ledgerExport({ reply }) {
      // Whoever exports wants what was decided a moment ago as well.
      await sequencer.poke()
      void reply.header('content-disposition', 'attachment; filename="ledger.ndjson"')
      return Readable.from(exportLedger(read))
    },
  }
}
