/**
 * The issuer of the company (OpenID Connect Core 1.0): authorization code with PKCE (RFC 7636), state and nonce. It is
 * asked when the first person comes, so the server starts while the issuer is down.
 */
import { readFile } from 'node:fs/promises'
import * as client from 'openid-client'
import type { OidcConfig } from '../../config.ts'
import { OutboundFailed, createOutbound } from '../../net/outbound.ts'
import type { Outbound } from '../../net/outbound.ts'

/** What must be remembered from the start of a sign-in to its end. */
export type Flow = { state: string; nonce: string; verifier: string; then: string }
/** What the issuer says of somebody; hostile text. `groups`: null = it says nothing of groups, which is not "none". */
export type Claims = {
  subject: string
  userName: string | null
  displayName: string | null
  email: string | null
  groups: string[] | null
}
/** `unreachable`: it is down or may not be reached. `refused`: it, or the person, said no, or its answer is not right. */
export type IssuerFault = 'unreachable' | 'refused'

/** Expected, and told to the person as one of two sentences; `reason` is for the log and quotes no answer. */
export class IssuerFailed extends Error {
  readonly fault: IssuerFault
  constructor(fault: IssuerFault, reason: string) {
    super(reason)
    this.name = 'IssuerFailed'
    this.fault = fault
  }
}

export type Issuer = {
  /** Where to send the browser. Rejects with `IssuerFailed`. */
  begin(redirectUri: string, flow: Flow): Promise<URL>
  /** What the issuer says of the person that came back to `url`. Rejects with `IssuerFailed`. */
  finish(url: URL, flow: Flow): Promise<Claims>
}

/** Endpoints and keys that an issuer moves are followed within this time. */
const FRESH_MS = 60 * 60_000
const MOST_GROUPS = 1_000
const MOST_TEXT = 1_000

const text = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' && value.length <= MOST_TEXT ? value : null

function groupsIn(value: unknown): string[] | null {
  if (value === undefined || value === null) return null
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.flatMap((each) => text(each) ?? []).slice(0, MOST_GROUPS)
}

/** An address is only a name when the issuer has checked it: anyone may write another's into a profile. */
function userNameIn(claims: Record<string, unknown>, claim: string): string | null {
  const named = text(claims[claim])
  if (claim === 'email') return claims['email_verified'] === true ? named : null
  return named ?? (claims['email_verified'] === true ? text(claims['email']) : null)
}

/** The library's idea of `fetch` on our way out, which gives whole answers and follows nothing. */
const fetchThrough =
  (outbound: Outbound): client.CustomFetch =>
  async (url, { method, headers, body, signal }) => {
    if (body !== undefined && body !== null && typeof body !== 'string' && !(body instanceof URLSearchParams))
      throw new TypeError('only forms are sent to an issuer')
    const answer = await outbound(url, {
      method,
      headers,
      ...(body ? { body: String(body) } : {}),
      ...(signal ? { signal } : {}),
    })
    if (answer.status >= 500) throw new IssuerFailed('unreachable', `the issuer answered ${answer.status}`)
    return answer
  }

function failureOf(error: unknown): IssuerFailed {
  // The library wraps what our way out threw.
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof IssuerFailed) return each
    if (each instanceof OutboundFailed) return new IssuerFailed('unreachable', `${each.code}: ${each.message}`)
  }
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError)
    return new IssuerFailed('refused', /^[\w.-]{1,60}$/.test(error.error) ? error.error : 'an error of its own')
  if (error instanceof client.WWWAuthenticateChallengeError)
    return new IssuerFailed('refused', 'the issuer refused its own token')
  if (error instanceof client.ClientError) return new IssuerFailed('refused', error.code ?? error.name)
  throw error
}

export function createIssuer(
  config: OidcConfig,
  outbound: Outbound = createOutbound({ allowPrivate: config.allowPrivate }),
): Issuer {
  let known: { configuration: client.Configuration; at: number } | null = null

  const discover = async (): Promise<client.Configuration> => {
    const secret = config.clientSecretFile === null ? null : (await readFile(config.clientSecretFile, 'utf8')).trim()
    const isPlain = config.issuer.startsWith('http:')
    const configuration = await client.discovery(
      new URL(config.issuer),
      config.clientId,
      undefined,
      secret === null ? client.None() : client.ClientSecretBasic(secret),
      {
        [client.customFetch]: fetchThrough(outbound),
        // The settings allow this on the machine itself only.
        execute: isPlain ? [client.allowInsecureRequests] : [],
      },
    )
    // The signature of the ID token is checked, though it came over TLS from the issuer itself.
    client.enableNonRepudiationChecks(configuration)
    return configuration
  }
  const configuration = async (): Promise<client.Configuration> => {
    const now = performance.now()
    if (known && now - known.at < FRESH_MS) return known.configuration
    try {
      known = { configuration: await discover(), at: now }
    } catch (error) {
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('E'))
        throw new IssuerFailed('unreachable', 'the file of ONUS_OIDC_CLIENT_SECRET_FILE cannot be read')
      // What was known an hour ago is better than nobody getting in; each answer is still checked.
      if (!known) throw failureOf(error)
    }
    return known.configuration
  }

  return {
    async begin(redirectUri, flow) {
      const parameters = {
        redirect_uri: redirectUri,
        scope: config.scopes,
        state: flow.state,
        nonce: flow.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
      }
      return client.buildAuthorizationUrl(await configuration(), parameters)
    },
    async finish(url, flow) {
      const asked = await configuration()
      try {
        const tokens = await client.authorizationCodeGrant(asked, url, {
          pkceCodeVerifier: flow.verifier,
          expectedState: flow.state,
          expectedNonce: flow.nonce,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (!claims) throw new IssuerFailed('refused', 'no ID token')
        return await claimsOf(asked, config, tokens.access_token, claims)
      } catch (error) {
        throw error instanceof IssuerFailed ? error : failureOf(error)
      }
    },
  }
}

/** Many issuers put into the ID token who it is and nothing else; the rest is asked for. */
async function claimsOf(
  configuration: client.Configuration,
  config: OidcConfig,
  accessToken: string,
  claims: client.IDToken,
): Promise<Claims> {
  const isWhole = claims[config.userNameClaim] !== undefined && claims[config.groupsClaim] !== undefined
  const canAsk = configuration.serverMetadata().userinfo_endpoint !== undefined
  const more = !isWhole && canAsk ? await client.fetchUserInfo(configuration, accessToken, claims.sub) : {}
  const all: Record<string, unknown> = { ...more, ...claims }
  return {
    subject: claims.sub,
    userName: userNameIn(all, config.userNameClaim),
    displayName: text(all['name']),
    email: all['email_verified'] === false ? null : text(all['email']),
    groups: groupsIn(all[config.groupsClaim]),
  }
}
