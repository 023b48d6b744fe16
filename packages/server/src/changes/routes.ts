import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { once } from '../http/once.ts'
import type { Call, Handlers } from '../http/mount.ts'
import { approve, reject } from './decide.ts'
import { changeDetail, listChanges } from './view.ts'
import { comment, edit, preview, propose, withdraw } from './write.ts'

type Writes = 'proposeChange' | 'editChange' | 'approveChange' | 'rejectChange' | 'withdrawChange' | 'commentOnChange'
type Names = Writes | 'listChanges' | 'change' | 'previewChange'

export function changeHandlers(ctx: Context): Pick<Handlers, Names> {
  const { db, clock, cursorKey } = ctx
  /** One effect a key; the answer is the change as this transaction leaves it. */
  const write = (call: Call<Writes>, work: (tx: Tx) => Promise<string>): Promise<unknown> =>
    once(ctx, call, async (tx) => changeDetail(tx, call.actor, await work(tx), clock()))
  return {
    listChanges: ({ actor, query }) => listChanges(db.read, cursorKey, actor, query, clock()),
    change: ({ actor, params }) => changeDetail(db.read, actor, params.id, clock()),
    previewChange: ({ actor, body }) => db.tx((tx) => preview(tx, actor, body, clock())),
    proposeChange: (call) => write(call, (tx) => propose(ctx, tx, call.actor, call.body)),
    editChange: (call) =>
      write(call, (tx) => edit(ctx, tx, call.actor, call.params.id, call.body).then(() => call.params.id)),
    approveChange: (call) =>
      write(call, (tx) => approve(ctx, tx, call.actor, call.params.id, call.body).then(() => call.params.id)),
    rejectChange: (call) =>
      write(call, (tx) => reject(ctx, tx, call.actor, call.params.id, call.body).then(() => call.params.id)),
    withdrawChange: (call) =>
      write(call, (tx) => withdraw(ctx, tx, call.actor, call.params.id, call.body.reason).then(() => call.params.id)),
    commentOnChange: (call) =>
      write(call, (tx) => comment(ctx, tx, call.actor, call.params.id, call.body.text).then(() => call.params.id)),
  }
}
