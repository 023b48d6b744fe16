/** Saved views: a name for the filters of a list. One table, so its statements stand here. */
import type { Selectable } from 'kysely'
import type { Context } from '../context.ts'
import type { Tables } from '../db/tables.ts'
import type { Handlers } from '../http/mount.ts'
import { Refused } from '../http/refused.ts'
import { newId } from '../ids.ts'

/** A list of views longer than this is no help; the limit guards the page that shows them all. */
const MAX_VIEWS = 500

const told = ({ id, name, screen, search }: Selectable<Tables['saved_view']>) => ({ id, name, screen, search })

export function viewHandlers({ db, clock }: Context): Pick<Handlers, 'listViews' | 'saveView' | 'deleteView'> {
  return {
    async listViews() {
      const rows = await db.read.selectFrom('saved_view').selectAll().orderBy('name').orderBy('id').execute()
      return { items: rows.map(told) }
    },
    async saveView({ body }) {
      const id = newId('view')
      return db.tx(async (tx) => {
        const { count } = await tx
          .selectFrom('saved_view')
          .select(({ fn }) => fn.countAll<string>().as('count'))
          .executeTakeFirstOrThrow()
        if (Number(count) >= MAX_VIEWS)
          throw new Refused('invalid-request', `there are ${MAX_VIEWS} views; delete one first`)
        const row = await tx
          .insertInto('saved_view')
          .values({
            id,
            name: body.name,
            screen: body.screen,
            search: JSON.stringify(body.search),
            created_at: clock(),
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        return told(row)
      })
    },
    async deleteView({ params }) {
      const gone = await db.tx((tx) =>
        tx.deleteFrom('saved_view').where('id', '=', params.id).returning('id').executeTakeFirst(),
      )
      if (!gone) throw new Refused('not-found', 'no view has this id')
    },
  }
}
