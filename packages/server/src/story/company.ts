/** The example company with people in it: they come from a directory over SCIM, and each is signed in. */
import { createClient } from '@onus/core/contract/client.ts'
import type { Client } from '@onus/core/contract/client.ts'
import { createToken, openSession } from '../sessions/index.ts'
import type { TestApp } from '../testing/app.ts'

export type Person = { id: string; client: Client }
export type Directory = {
  /** POST /Users (RFC 7644 §3.3). */
  hire(name: string, displayName: string): Promise<string>
  /** POST /Groups. */
  group(displayName: string, members: string[]): Promise<string>
  /** PATCH /Users with `active: false` (RFC 7644 §3.5.2). */
  leave(id: string): Promise<void>
}

/** A directory that provisions over HTTP with a token of its own, as Entra ID or Okta do. */
export async function directoryOf({ ctx, url }: TestApp): Promise<Directory> {
  const by = { kind: 'system', id: 'story' } as const
  const { secret } = await createToken(ctx.db, { purpose: 'the directory', days: 30, scopes: ['scim'], team: null }, by, ctx.clock())
  const call = async (method: string, path: string, body: unknown): Promise<{ id: string }> => {
    const answer = await fetch(`${url}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as { id: string }
  }
  const patch = (path: string, operation: object): Promise<unknown> =>
    call('PATCH', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [operation] })
  return {
    async hire(name, displayName) {
      const userName = `${name}@lumen-parcel.example`
      const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User']
      return (await call('POST', '/Users', { schemas, userName, displayName, emails: [{ value: userName, primary: true }], active: true })).id
    },
    async group(displayName, members) {
      const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group']
      return (await call('POST', '/Groups', { schemas, displayName, members: members.map((value) => ({ value })) })).id
    },
    async leave(id) {
      await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false })
    },
  }
}

/** Somebody whom the directory knows, with a session of their own. */
export async function signedIn({ ctx, url }: TestApp, id: string): Promise<Person> {
  const browser = { userAgent: 'story', earlier: undefined }
  const secret = await ctx.db.tx((tx) => openSession(tx, id, browser, ctx.clock()))
  return { id, client: createClient(url, fetch, { cookie: `onus_session=${secret}` }) }
}
