import { Readable } from 'node:stream'
import { readTilePath, TILE_WIDTH } from '@onus/core/ledger/tiles.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import type { Call, Handlers } from '../http/mount.ts'
import { once } from '../http/once.ts'
import { Refused } from '../http/refused.ts'
import { authorize } from '../powers/index.ts'
import { lockedActor } from '../powers/locked-actor.ts'
import { doerOf } from '../sessions/index.ts'
import type { Actor } from '../sessions/index.ts'
import { erasePersonal } from './erase.ts'
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
  | 'erasePersonal'

export function ledgerHandlers(ctx: Context): Pick<Handlers, Names> {
  const { cursorKey, sequencer } = ctx
  const { read } = ctx.db
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
    erasePersonal: (call) => once(ctx, call, async (tx) => ({ erased: await erase(tx, call.actor, call.body) })),
    async ledgerExport({ reply }) {
      // Whoever exports wants what was decided a moment ago as well.
      await sequencer.poke()
      void reply.header('content-disposition', 'attachment; filename="ledger.ndjson"')
      return Readable.from(exportLedger(read))
    },
  }

  /** As who they are in this transaction. What somebody wrote is erased by another: no one tidies up their own reasons. */
  async function erase(tx: Tx, actor: Actor, { what, reason }: Call<'erasePersonal'>['body']): Promise<number> {
    const now = ctx.clock()
    const me = await lockedActor(tx, actor)
    authorize(me, actor.id, { action: 'erasePersonal', resource: { kind: 'installation' } })
    const own = tx.selectFrom('ledger_personal').select('entry_id').where('about', '=', actor.id)
    const isOwn =
      'about' in what ? what.about === actor.id : (await own.where('entry_id', '=', what.entry).limit(1).execute()).length > 0
    if (isOwn)
      throw new Refused('forbidden', 'what you wrote is erased by somebody else', [
        { field: 'rule', reason: 'nobody-erases-their-own-words' },
      ])
    const by = { actor: doerOf(actor), capacity: 'guard' as const, personal: { reason: { value: reason, about: null } } }
    const erased = await erasePersonal(tx, what, by, now)
    if (erased === 0) throw new Refused('not-found', 'the ledger has nothing personal there')
    return erased
  }
}
