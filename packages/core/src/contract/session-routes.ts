/** Routes of signing in, of tokens, and of people and teams. A part of the route table. */
import { z } from 'zod'
import { id, Limit, noBody, none, route } from './route.ts'

/** Powers that are held. Who answers for something follows from membership in the accountable team. */
export const HeldPower = z.enum(['operate', 'guard', 'audit'])
/** As whom one may look around in the example company. */
export const Persona = z.enum(['owner', 'platform', 'security', 'auditor'])
export type Persona = z.infer<typeof Persona>
export const TokenScope = z
  .enum(['import', 'scim', 'read', 'propose', 'audit'])
  .describe(
    '`import` brings reports, `scim` writes people and teams, `read` reads, `propose` proposes changes, `audit` reads the whole ledger',
  )
export type TokenScope = z.infer<typeof TokenScope>
/** Every token ends: a year, and some weeks in which to replace it. */
export const MAX_TOKEN_DAYS = 400
const Named = z.object({ id: z.string(), name: z.string() })

/**
 * Why a sign-in with a company account did not succeed: what the sign-in page is told in its address.
 * `no-name`: the issuer says no user name. `left`: the directory says that they are not here. `taken`: another account has
 * the name. `unreachable`: the issuer does not answer. `refused`: it, or the person, said no, or its answer is not right.
 * `expired`: not begun in this browser, or too long ago. `many`: too many from one network.
 */
export const SIGN_IN_FAILURES = ['no-name', 'left', 'taken', 'unreachable', 'refused', 'expired', 'many'] as const
export type SignInFailure = (typeof SIGN_IN_FAILURES)[number]

export const Session = z.object({
  person: z.string().describe('id; stays when a name changes'),
  name: z.string(),
  role: z.enum(['administrator', 'reader']).describe('an administrator holds the power to operate'),
  teams: z.array(Named).describe('live teams they belong to, and so answer for'),
  powers: z.array(HeldPower),
  persona: Persona.nullable().describe('as whom of the example company they look around; null = as themselves'),
  personas: z.array(Persona).describe('as whom they may; none once there is anything but the example'),
  version: z.string(),
  isExampleLoaded: z.boolean(),
  canScanLocalPaths: z.boolean(),
})

export const OwnSession = z.object({
  id: z.string(),
  isThis: z.boolean(),
  userAgent: z.string(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})

export const Token = z.object({
  id: z.string(),
  purpose: z.string(),
  team: Named.nullable().describe("who answers for it; null = the installation's own"),
  scopes: z.array(TokenScope),
  createdBy: z.string().describe('id of a person'),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
})

const Origin = z.enum(['local', 'oidc', 'scim', 'example']).describe('where the word of it comes from')
export const Person = z.object({
  id: z.string(),
  userName: z.string(),
  displayName: z.string(),
  email: z.string().nullable(),
  origin: Origin,
  isActive: z.boolean(),
  leftAt: z.iso.datetime().nullable(),
})
export const DirectoryTeam = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['business', 'platform', 'security']),
  origin: Origin,
  escalation: z.string().nullable().describe('an address or channel for what the team does not answer in time'),
  members: z.int().nonnegative().describe('who are here; a team without any cannot answer'),
})

export const DirectoryHold = z.object({
  id: z.string(),
  openedAt: z.iso.datetime(),
  reason: z.string(),
  state: z.enum(['open', 'released', 'discarded']),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable().describe('id of a person'),
  note: z.string().nullable(),
  departures: z
    .array(
      z.object({
        kind: z.enum(['person-left', 'person-deleted', 'member-left', 'team-dissolved']),
        state: z
          .enum(['applied', 'held', 'released', 'discarded', 'withdrawn'])
          .describe('`applied`: in the same ten minutes, before it was noticed'),
        person: Named.nullable(),
        team: Named.nullable(),
      }),
    )
    .describe('the first 500'),
})

const Note = z.strictObject({ note: z.string().trim().min(1).max(2_000).describe('why; kept in the ledger') })

export const SESSION_ROUTES = {
  signInOptions: route({
    method: 'GET',
    path: '/v1/session/options',
    summary: 'How one may sign in here',
    tag: 'session',
    isPublic: true,
    params: none,
    query: none,
    body: noBody,
    reply: z.object({
      company: z
        .object({ startAt: z.string() })
        .nullable()
        .describe('sign-in by OpenID Connect begins at this address'),
    }),
  }),
  signIn: route({
    method: 'POST',
    path: '/v1/session',
    summary: 'Exchange a one-time sign-in link for a session',
    tag: 'session',
    isPublic: true,
    params: none,
    query: none,
    body: z.strictObject({ token: z.string().max(200) }),
    reply: Session,
  }),
  session: route({
    method: 'GET',
    path: '/v1/session',
    summary: 'Who is signed in',
    tag: 'session',
    params: none,
    query: none,
    body: noBody,
    reply: Session,
  }),
  signOut: route({
    method: 'DELETE',
    path: '/v1/session',
    summary: 'Sign out',
    tag: 'session',
    params: none,
    query: none,
    body: noBody,
    reply: noBody,
    status: 204,
  }),
  takePersona: route({
    method: 'POST',
    path: '/v1/session/persona',
    summary: 'Look around the example company as one of its people, or as oneself again',
    tag: 'session',
    params: none,
    query: none,
    body: z.strictObject({ persona: Persona.nullable() }),
    reply: Session,
  }),
  listSessions: route({
    method: 'GET',
    path: '/v1/sessions',
    summary: "One's own sessions, newest first",
    tag: 'session',
    params: none,
    query: none,
    body: noBody,
    reply: z.object({ items: z.array(OwnSession) }),
  }),
  endSession: route({
    method: 'DELETE',
    path: '/v1/sessions/{id}',
    summary: "End one of one's own sessions",
    tag: 'session',
    params: id,
    query: none,
    body: noBody,
    reply: noBody,
    status: 204,
  }),
  signOutEverywhere: route({
    method: 'DELETE',
    path: '/v1/sessions',
    summary: "End all of one's own sessions, this one too",
    tag: 'session',
    params: none,
    query: none,
    body: noBody,
    reply: noBody,
    status: 204,
  }),
  listTokens: route({
    method: 'GET',
    path: '/v1/tokens',
    summary: "Tokens of automation: of one's teams, or with the power to operate all of them",
    tag: 'tokens',
    params: none,
    query: none,
    body: noBody,
    reply: z.object({ items: z.array(Token) }),
  }),
  createToken: route({
    method: 'POST',
    path: '/v1/tokens',
    summary: 'Make a token. Its secret is in this answer and never told again',
    tag: 'tokens',
    params: none,
    query: none,
    body: z.strictObject({
      purpose: z.string().trim().min(1).max(200),
      team: z.string().max(64).describe('id of the team that answers for it'),
      scopes: z.array(TokenScope).min(1).max(5),
      days: z.int().min(1).max(MAX_TOKEN_DAYS).describe('how long it lives; none lives for ever'),
    }),
    reply: z.object({ token: Token, secret: z.string() }),
    status: 201,
  }),
  revokeToken: route({
    method: 'DELETE',
    path: '/v1/tokens/{id}',
    summary: 'End a token at once',
    tag: 'tokens',
    params: id,
    query: none,
    body: noBody,
    reply: noBody,
    status: 204,
  }),
  listPeople: route({
    method: 'GET',
    path: '/v1/directory/people',
    summary: 'People who are here, by name',
    tag: 'directory',
    params: none,
    query: z.strictObject({
      q: z.string().max(200).optional().describe('part of a name'),
      team: z.string().max(64).optional().describe('members of this team'),
      limit: Limit,
    }),
    body: noBody,
    reply: z.object({ items: z.array(Person) }),
  }),
  listDirectoryTeams: route({
    method: 'GET',
    path: '/v1/directory/teams',
    summary: 'Teams that exist, by name; `/v1/teams` has those that sources name',
    tag: 'directory',
    params: none,
    query: z.strictObject({ q: z.string().max(200).optional().describe('part of a name'), limit: Limit }),
    body: noBody,
    reply: z.object({ items: z.array(DirectoryTeam) }),
  }),
  listDirectoryHolds: route({
    method: 'GET',
    path: '/v1/directory/holds',
    summary: 'Departures that are held because so many came at once, open ones first',
    tag: 'directory',
    params: none,
    query: none,
    body: noBody,
    reply: z.object({ items: z.array(DirectoryHold) }),
  }),
  releaseDirectoryHold: route({
    method: 'POST',
    path: '/v1/directory/holds/{id}/release',
    summary: 'The directory was right: let them go',
    tag: 'directory',
    params: id,
    query: none,
    body: Note,
    reply: noBody,
    status: 204,
  }),
  discardDirectoryHold: route({
    method: 'POST',
    path: '/v1/directory/holds/{id}/discard',
    summary: 'The directory was wrong: keep them, and bring back who went in the same ten minutes',
    tag: 'directory',
    params: id,
    query: none,
    body: Note,
    reply: noBody,
    status: 204,
  }),
} as const
