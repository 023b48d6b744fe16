/** The end of a server that is asked to stop: what it took it answers, what comes it refuses, and then it is gone. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { Refused } from './refused.ts'

/** Whoever keeps a connection open learns in this time that it ends, and sends nothing into a closed one. */
const GRACE_MS = 300
/** Then whatever is not answered is cut off; service managers kill ten seconds after they asked. */
const DRAIN_MS = 5_000

/**
 * Answers how to close `app`: at once every new request is refused (503 `stopping`, with `Retry-After`), those that were
 * taken are answered, and after some five seconds it is closed, whatever hangs. Called before other hooks are added.
 */
export function closing(app: FastifyInstance): () => Promise<void> {
  let isClosing = false
  app.addHook('onRequest', async () => {
    if (isClosing) throw new Refused('stopping', 'send it again: another start of the server answers')
  })
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close')
  })
  return async () => {
    isClosing = true
    await sleep(GRACE_MS)
    const late = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS)
    await app.close()
    clearTimeout(late)
  }
}
