/** A small company in a test: teams with people who are signed in, and a report of what runs. */
import { createClient } from '@onus/core/contract/client.ts'
import type { Client } from '@onus/core/contract/client.ts'
import type { DirectoryTeam, Writing } from '../directory/index.ts'
import { addPerson, addTeam, changeTeam, joinTeam, writing } from '../directory/index.ts'
import type { Connection } from '../postgres/cluster.ts'
import { openSession } from '../sessions/index.ts'
import { testApp } from './app.ts'
import type { TestApp } from './app.ts'

export type Member = { id: string; client: Client; cookie: string }
export type Company = TestApp & {
  /** A write of the directory, at the time of the clock. */
  change<T>(work: (w: Writing) => Promise<T>): Promise<T>
  /** Somebody new, signed in. */
  join(userName: string, team: DirectoryTeam | null, email?: string): Promise<Member>
  /** Turns the clock; those who are signed in were here just before. */
  turn(to: string): Promise<void>
  team(name: string, kind?: DirectoryTeam['kind']): Promise<DirectoryTeam>
}

const BY = { kind: 'token', id: 'tok_directory' } as const

export async function testCompany(connection: Connection, env: Record<string, string> = {}, connections = 10): Promise<Company> {
  const app = await testApp(connection, { env, connections })
  const { ctx, url } = app
  const change = <T>(work: (w: Writing) => Promise<T>): Promise<T> =>
    ctx.db.tx(async (tx) => work(await writing(tx, ctx.clock(), BY)))
  return {
    ...app,
    change,
    async join(userName, team, email) {
      const { id } = await change(async (w) => {
        const person = await addPerson(w, {
          userName,
          displayName: userName,
          email: email ?? null,
          externalId: null,
          origin: 'scim',
          oidc: null,
        })
        if (team) await joinTeam(w, team.id, [person.id], 'scim')
        return person
      })
      const browser = { userAgent: 'test', earlier: undefined }
      const secret = await ctx.db.tx((tx) => openSession(tx, id, browser, ctx.clock()))
      const cookie = `onus_session=${secret}`
      return { id, cookie, client: createClient(url, fetch, { cookie }) }
    },
    async turn(to) {
      app.clock.now = new Date(to)
      const expires = new Date(app.clock.now.getTime() + 86_400_000)
      await ctx.db.tx((tx) =>
        tx.updateTable('session').set({ last_seen_at: app.clock.now, expires_at: expires }).execute(),
      )
    },
    async team(name, kind = 'business') {
      return change(async (w) => {
        const made = await addTeam(w, { name, externalId: null, origin: 'scim', escalation: null })
        await changeTeam(w, made.id, { kind })
        return { ...made, kind }
      })
    },
  }
}
