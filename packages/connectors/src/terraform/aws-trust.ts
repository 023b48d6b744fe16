/** Who may become an AWS role: `assume_role_policy` as trusts and uses. */
import type { IdentityRef } from '@onus/core/observation.ts'
import { READER_TAGS } from '@onus/core/reader-tags.ts'
import { statementsOf, type Condition, type Principal, type Statement } from './aws-statements.ts'
import type { Draft } from './draft.ts'
import { fieldShown } from './fields.ts'
import type { Value } from './value.ts'

export function trustDocument(draft: Draft, identity: IdentityRef, document: Value | undefined): void {
  for (const statement of statementsOf(document, draft) ?? []) {
    if (!statement.isAllow) continue
    const accounts: Principal[] = []
    for (const principal of statement.principals) {
      if (principal.type === 'Service') {
        draft.add({
          type: 'use',
          identity,
          by: { kind: 'service', name: principal.id, namespace: null },
          place: statement.place,
        })
      } else if (principal.type === 'Federated') trustFederation(draft, identity, principal, statement)
      else accounts.push(principal)
    }
    for (const principal of accounts) trustPrincipal(draft, identity, principal, statement)
  }
}

function trustFederation(draft: Draft, identity: IdentityRef, principal: Principal, statement: Statement): void {
  const issuer = issuerOf(draft, principal)
  if (principal.id.includes(':saml-provider/')) {
    draft.tag(identity, { key: READER_TAGS.peopleRole, value: 'true', ...statement.place })
    return
  }
  draft.add({
    type: 'trust',
    identity,
    issuer,
    place: statement.place,
    audiences: valuesOf(statement.conditions, ':aud'),
    subjects: valuesOf(statement.conditions, ':sub'),
  })
}

/** The URL of an OIDC provider, from its ARN or from the resource it is defined by; a SAML provider keeps its ARN. */
function issuerOf(draft: Draft, principal: Principal): string {
  for (const { address } of principal.refs) {
    const provider = draft.instances.get(address)
    const url = provider ? fieldShown(provider.fields, 'url') : null
    if (url !== null) return withScheme(url)
  }
  const host = /:oidc-provider\/(.+)$/.exec(principal.id)?.[1]
  return host === undefined ? principal.id : withScheme(host)
}

export function withScheme(host: string): string {
  return /^https?:\/\//.test(host) || host.startsWith('${') ? host : `https://${host}`
}

/** Values of the conditions on a claim of the token; a negative test restricts nothing. */
function valuesOf(conditions: readonly Condition[], claim: string): string[] {
  return conditions
    .filter(({ test, variable }) => variable.endsWith(claim) && !/not/i.test(test))
    .flatMap(({ values }) => values)
}

/**
 * Another account, or everyone. `root` of an account means whoever that account lets, so subjects stay open unless a
 * condition names the organisation or the principals. External ids are the audience: the word agreed with a vendor.
 */
function trustPrincipal(draft: Draft, identity: IdentityRef, principal: Principal, statement: Statement): void {
  const account = /^(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::.*)?$/.exec(principal.id)?.[1]
  const isWhole = principal.id === '*' || principal.id === account || principal.id.endsWith(':root')
  const positive = statement.conditions.filter(({ test }) => /equals|like/i.test(test) && !/not/i.test(test))
  const narrowing = positive.filter(({ variable }) => /^aws:Principal(?:Arn|OrgID|OrgPaths|Account)$/i.test(variable))
  const audiences = positive
    .filter(({ variable }) => variable.toLowerCase() === 'sts:externalid')
    .flatMap(({ values }) => values)
  const subjects = isWhole
    ? narrowing.flatMap(({ variable, values }) => values.map((value) => `${variable}=${value}`))
    : [principal.id]
  // An ARN or `*` is its own issuer; a reference to another principal is some identity of AWS.
  const issuer =
    account === undefined
      ? /^\*$|^arn:/.test(principal.id)
        ? principal.id
        : 'sts.amazonaws.com'
      : `arn:aws:iam::${account}:root`
  draft.add({ type: 'trust', identity, issuer, audiences, subjects, place: statement.place })
}
