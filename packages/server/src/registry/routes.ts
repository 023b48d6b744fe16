import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Context } from '../context.ts'
import type { Handlers } from '../http/mount.ts'
import { receiveBody } from '../http/receive.ts'
import { Refused } from '../http/refused.ts'
import { TaskFailed } from '../jobs/run-task.ts'
import { identitiesCsv } from './csv.ts'
import { identityDetail, listIdentities } from './identities.ts'
import { listFindings } from './findings.ts'
import { listApis, listRules, listScopes, listSources } from './lists.ts'
import { listTeams, oneTeam } from './teams.ts'
import { overview } from './overview.ts'
import { timeline } from './timeline.ts'

type Names =
  | 'overview'
  | 'listIdentities'
  | 'exportIdentities'
  | 'identity'
  | 'identityTimeline'
  | 'listScopes'
  | 'listTeams'
  | 'team'
  | 'listRules'
  | 'listFindings'
  | 'listApis'
  | 'listSources'
  | 'source'
  | 'importReport'

const instant = (text: string | undefined): Date | null => (text === undefined ? null : new Date(text))

export function registryHandlers(ctx: Context): Pick<Handlers, Names> {
  const {
    db: { read },
    cursorKey,
  } = ctx
  return {
    overview: ({ query }) => overview(read, instant(query.asOf), ctx.clock()),
    listIdentities: ({ query }) => listIdentities(read, cursorKey, query),
    async exportIdentities({ query, reply }) {
      void reply.header('content-disposition', 'attachment; filename="identities.csv"')
      const lines = identitiesCsv(read, cursorKey, query)
      // The first page is asked for before the answer begins, so that a refusal is still a refusal.
      const first = [await lines.next(), await lines.next()].map(({ value }) => value ?? '')
      return Readable.from(
        (async function* () {
          yield* first
          yield* lines
        })(),
      )
    },
    identity: ({ params, query }) => identityDetail(read, params.id, instant(query.asOf)),
    identityTimeline: ({ params, query }) => timeline(read, cursorKey, params.id, query),
    listScopes: ({ query }) => listScopes(read, cursorKey, query),
    listTeams: ({ query }) => listTeams(read, cursorKey, query),
    team: ({ params }) => oneTeam(read, params.id),
    listRules: async ({ query }) => ({ items: await listRules(read, query.team) }),
    listFindings: ({ query }) => listFindings(read, cursorKey, query, ctx.clock()),
    listApis: ({ query }) => listApis(read, cursorKey, query),
    listSources: async () => ({ items: await listSources(read) }),
    async source({ params }) {
      const [row] = await listSources(read, params.id)
      if (!row) throw new Refused('not-found', 'no source has this id')
      return row
    },
    async importReport({ query, request, reply }) {
      // Whoever is refused in the middle of a large body would send the rest of it.
      void reply.header('connection', 'close')
      const file = await receiveBody(request.raw, join(ctx.config.dataDir, 'incoming'), ctx.config.maxImportBytes)
      try {
        return await ctx.jobs.run({ kind: 'import', file, source: query.source ?? null, at: ctx.clock().toISOString() })
      } catch (error) {
        if (error instanceof TaskFailed) throw new Refused('import-failed', error.message)
        throw error
      } finally {
        await rm(file, { force: true })
      }
    },
  }
}
