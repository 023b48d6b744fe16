/** From an error to RFC 9457. The only place that decides what a caller is told. */
import { randomBytes } from 'node:crypto'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '@onus/core/contract/routes.ts'
import { DatabaseUnavailable } from '../db/database.ts'
import { REFUSALS, Refused } from './refused.ts'
import type { FieldError, RefusalCode } from './refused.ts'

/** Faults that the framework finds before any handler runs. */
const FRAMEWORK: Record<string, RefusalCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid-request',
  FST_ERR_BAD_URL: 'invalid-request',
}

export function problemOf(code: RefusalCode, detail: string, errors: FieldError[] = []): Problem {
  const [status, title] = REFUSALS[code]
  return { type: `urn:onus:problem:${code}`, title, status, code, detail, ...(errors.length ? { errors } : {}) }
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).header('cache-control', 'no-store').type('application/problem+json').send(problem)
}

/** PostgreSQL goes down, comes up, or has no connection left (PostgreSQL, appendix A). */
const UNAVAILABLE = new Set(['57P01', '57P02', '57P03', '08000', '08003', '08006', '53300'])
/** As its driver says that the connection broke under a statement. */
const BROKEN = /^(?:Connection terminated|Client has encountered a connection error|read ECONNRESET|write EPIPE)/

/** A statement met its time (`STATEMENT_TIMEOUT_MS`), or whoever administers the database ended it. */
const QUERY_CANCELED = '57014'

/** Where it happened, without the message: that may quote what somebody sent. */
const framesOf = (error: Error): string[] | undefined => error.stack?.split('\n').slice(1, 8)

/** Whether it was done is open: the connection may have broken after the commit. A write with a key may be sent again. */
function isUnavailable(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : ''
  return error instanceof DatabaseUnavailable || UNAVAILABLE.has(code) || BROKEN.test(error.message)
}

/** Refusals are told; anything else is a bug: the caller gets a number, the log gets the error under that number. */
export function onError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Refused) {
    const problem = problemOf(error.code, error.message, error.errors)
    if (problem.status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '2')
    return sendProblem(reply, problem)
  }
  const known = 'code' in error ? FRAMEWORK[error.code] : undefined
  if (known) return sendProblem(reply, problemOf(known, REFUSALS[known][1]))
  // The JSON parser throws these, also for `__proto__` as a key. Its message quotes the body.
  if (error instanceof SyntaxError)
    return sendProblem(reply, problemOf('malformed-json', 'the body is not JSON that is read here'))
  if (isUnavailable(error)) {
    request.log.warn({ name: error.name, sqlState: 'code' in error ? error.code : undefined }, 'no database')
    reply.header('retry-after', '2')
    return sendProblem(reply, problemOf('database-unavailable', 'the database does not answer; try again in a moment'))
  }
  if ('code' in error && error.code === QUERY_CANCELED) {
    request.log.warn({ url: request.routeOptions.url, stack: framesOf(error) }, 'a statement took too long')
    reply.header('retry-after', '30')
    return sendProblem(
      reply,
      problemOf('took-too-long', 'the database ended a statement of this; try again, or ask for less'),
    )
  }
  const incident = randomBytes(6).toString('hex')
  request.log.error(
    {
      incident,
      name: error.name,
      stack: framesOf(error),
      sqlState: 'code' in error ? error.code : undefined,
    },
    'bug',
  )
  return sendProblem(reply, problemOf('internal', `tell the administrator the number ${incident}; the log has it`))
}
