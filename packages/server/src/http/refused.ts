/** What a request may be refused for. An action throws `Refused`; `problem.ts` turns it into RFC 9457. */

/** Codes are stable: people and programs keep them. Each has one status and one title. */
export const REFUSALS = {
  'invalid-request': [400, 'The request is not valid'],
  'malformed-json': [400, 'The body is not JSON'],
  'invalid-cursor': [400, 'The cursor is not one of ours'],
  'not-historical': [400, 'This filter or order knows only today'],
  'body-too-deep': [400, 'The body is nested too deeply'],
  'path-not-readable': [400, 'The path cannot be scanned'],
  'not-signed-in': [401, 'Sign in first'],
  'link-not-valid': [401, 'The sign-in link is not valid'],
  'signature-not-valid': [401, 'The signature is not valid'],
  forbidden: [403, 'Not allowed'],
  'foreign-origin': [403, 'The request comes from another site'],
  'not-found': [404, 'Not found'],
  'body-too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'The body is not of a type that is read here'],
  'name-taken': [409, 'The name is taken'],
  'not-open': [409, 'The change is not open any more'],
  'content-changed': [409, 'The change was edited meanwhile'],
  'world-moved': [409, 'What the change was written against has changed'],
  'already-decided': [409, 'This was decided already'],
  'power-held': [409, 'Somebody holds this power'],
  'idempotency-key-reused': [409, 'The key was used for another request'],
  'in-flight': [409, 'The same request is being answered'],
  'foreign-host': [421, 'Not the name of this server'],
  'invalid-report': [422, 'The report is not valid'],
  'conventions-not-usable': [422, 'The conventions cannot be used'],
  'source-name-needed': [422, 'The source needs a name'],
  'change-not-possible': [422, 'The change is not possible'],
  'guardrail-exceeded': [422, 'A guardrail stands against it'],
  'too-many-attempts': [429, 'Too many attempts'],
  internal: [500, 'Something went wrong here'],
  'import-failed': [500, 'The import did not finish'],
  busy: [503, 'Busy'],
  'ledger-behind': [503, 'The ledger is behind'],
  stopping: [503, 'The server is stopping'],
  'github-unavailable': [503, 'GitHub cannot be asked'],
  'took-too-long': [503, 'It took too long'],
  'database-unavailable': [503, 'The database does not answer'],
} as const
export type RefusalCode = keyof typeof REFUSALS
export type FieldError = { field: string; reason: string }

export class Refused extends Error {
  readonly code: RefusalCode
  readonly errors: FieldError[]
  constructor(code: RefusalCode, detail: string, errors: FieldError[] = []) {
    super(detail)
    this.name = 'Refused'
    this.code = code
    this.errors = errors
  }
}
