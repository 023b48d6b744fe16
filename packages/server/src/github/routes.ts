import type { IncomingMessage } from 'node:http'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { retried } from '../db/retry.ts'
import type { Handlers } from '../http/mount.ts'
import { Refused } from '../http/refused.ts'
import { authorize } from '../powers/index.ts'
import { lockedActor } from '../powers/locked-actor.ts'
import { doerOf } from '../sessions/index.ts'
import type { Actor } from '../sessions/index.ts'
import { findAccount, findRepository } from './api.ts'
import { GithubFailed, openGithub } from './client.ts'
import type { Github } from './client.ts'
import { connect, disconnectById, listRepositories, retry } from './connect.ts'
import { takeIn } from './deliveries.ts'
import { beginLink, endLink, linkOf } from './links.ts'
import { isSigned } from './signature.ts'
import { anyConnection, placeOf } from './store.ts'

/** GitHub sends at most 25 MB, for pushes of thousands of commits; what is heard here has less than 100 kB. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024
const ID = /^[0-9A-Za-z-]{1,64}$/
const EVENT = /^[a-z0-9_]{1,60}$/

type Names =
  | 'receiveGithubDelivery'
  | 'github'
  | 'listGithubRepositories'
  | 'connectGithubRepository'
  | 'disconnectGithubRepository'
  | 'retryGithubRepository'
  | 'beginGithubLink'
  | 'endGithubLink'

export function githubHandlers(ctx: Context): Pick<Handlers, Names> {
  const { config, db } = ctx
  let opened: Promise<Github | null> | null = null
  /** Throws `Refused` (`not-found`) where GitHub is not set up. */
  const open = async (): Promise<Github> => {
    const github = config.github && (await (opened ??= openGithub(config.github, ctx.clock)))
    if (!github) throw new Refused('not-found', 'GitHub is not set up here')
    return github
  }
  const write = <T>(actor: Actor, action: Names, work: (tx: Tx) => Promise<T>): Promise<T> =>
    retried(db, async (tx) => {
      authorize(await lockedActor(tx, actor), actor.id, { action, resource: { kind: 'installation' } })
      return work(tx)
    })
  return {
    async receiveGithubDelivery({ request, reply }) {
      // Whoever is refused in the middle of a body would send the rest of it.
      void reply.header('connection', 'close')
      const github = await open()
      const signature = one(request.headers['x-hub-signature-256'])
      const id = one(request.headers['x-github-delivery'])
      const event = one(request.headers['x-github-event'])
      if (signature === undefined) throw unsigned()
      const body = await bodyOf(request.raw)
      if (!isSigned(github.webhookSecret, signature, body)) throw unsigned()
      if (!ID.test(id ?? '') || !EVENT.test(event ?? ''))
        throw new Refused('invalid-request', 'X-GitHub-Delivery and X-GitHub-Event say which delivery it is')
      await takeIn({ db, clock: ctx.clock, sequencer: ctx.sequencer, appId: github.appId }, { id: id ?? '', event: event ?? '', body })
    },
    async github({ actor }) {
      const link = actor.kind === 'person' ? await linkOf(db.read, actor.id) : null
      return { isOn: config.github !== null, link: link && { accountId: link.accountId, login: link.login, linkedAt: link.linkedAt } }
    },
    listGithubRepositories: async () => ({ items: await listRepositories(db.read) }),
    async connectGithubRepository({ actor, body }) {
      const found = await asked(findRepository(await open(), body.repository))
      if (!found)
        throw new Refused('invalid-request', 'the App is not installed in a repository of this name', [
          { field: 'repository', reason: 'is not where the App is installed' },
        ])
      return write(actor, 'connectGithubRepository', (tx) => connect(ctx, tx, doerOf(actor), found, body.manifest))
    },
    disconnectGithubRepository: ({ actor, params }) =>
      write(actor, 'disconnectGithubRepository', (tx) => disconnectById(ctx, tx, doerOf(actor), params.id)),
    retryGithubRepository: ({ actor, params }) => write(actor, 'retryGithubRepository', (tx) => retry(ctx, tx, params.id)),
    async beginGithubLink({ actor, body }) {
      const github = await open()
      const connection = await anyConnection(db.read)
      if (!connection) throw new Refused('not-found', 'no repository is connected')
      const account = await asked(findAccount(placeOf(github, connection), body.login))
      if (!account)
        throw new Refused('invalid-request', 'GitHub knows no account of this name', [
          { field: 'login', reason: 'is no account' },
        ])
      const { code, expiresAt } = await write(actor, 'beginGithubLink', (tx) => beginLink(ctx, tx, actor, account))
      return { accountId: account.id, comment: `/onus link ${code}`, expiresAt: expiresAt.toISOString() }
    },
    endGithubLink: ({ actor }) => write(actor, 'endGithubLink', (tx) => endLink(ctx, tx, actor)),
  }
}

const unsigned = (): Refused => new Refused('signature-not-valid', 'X-Hub-Signature-256 is not that of this body')
const one = (value: string | string[] | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

/** Throws `Refused` (`github-unavailable`) for what somebody waits for. */
async function asked<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof GithubFailed) throw new Refused('github-unavailable', error.message)
    throw error
  }
}

/** The bytes as they came; the signature is over them. Throws `Refused` (`body-too-large`). */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = (): Refused => new Refused('body-too-large', `a delivery may have ${MAX_BODY_BYTES} bytes`)
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
