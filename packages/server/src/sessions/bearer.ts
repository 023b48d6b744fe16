/** The token in a request. Guesses are counted; a token that works is never kept out by the guesses of others. */
import type { FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { limitAttempts } from '../http/attempts.ts'
import { actorOfToken } from './actor.ts'
import type { TokenActor } from './actor.ts'

/** A pipeline whose token has ended tries again and again; more than this is no pipeline. */
const GUESSES = { purpose: 'token', most: 100, windowMs: 60_000 }

/** `none`: the request brings no token, so perhaps a session. */
export type Bearer = (request: FastifyRequest) => Promise<TokenActor | null | 'none'>

/** It throws `Refused` (`too-many-attempts`) instead of answering null, when too many from there were none of ours. */
export function bearerOf(ctx: Context): Bearer {
  const guesses = limitAttempts(ctx.db, ctx.cursorKey, GUESSES)
  return async (request) => {
    const secret = /^Bearer ([A-Za-z0-9_-]{1,200})$/.exec(request.headers.authorization ?? '')?.[1]
    if (secret === undefined) return 'none'
    const token = await actorOfToken(ctx.db, secret, ctx.clock())
    if (!token) await guesses.note(request.from, ctx.clock())
    return token
  }
}
