/** Commands beside a running server: a new sign-in link, and tokens. They speak to its database directly. */
import type { Config } from '../config.ts'
import { openDatabase } from '../db/database.ts'
import type { Address, Database } from '../db/database.ts'
import { teamKey } from '../directory/names.ts'
import { listKeys, rotateKey } from '../ledger/index.ts'
import { MasterKeyUnusable, openSealer } from '../seal/index.ts'
import { LOCAL_ADMINISTRATOR, createLink, createToken, listTokens, revokeToken } from '../sessions/index.ts'
import type { Token } from '../sessions/index.ts'
import type { Command } from './arguments.ts'
import { holderOf } from './lock.ts'
import { printable } from './progress.ts'
import { EXIT, prepare } from './serve.ts'
import type { Terminal } from './serve.ts'
import { readConnection } from '../postgres/cluster.ts'

/** Whoever runs commands on the machine of the server is its administrator. */
const BY = { kind: 'person', id: LOCAL_ADMINISTRATOR } as const

export type Managing = Exclude<Command, { kind: 'serve' | 'backup' | 'restore' | 'help' | 'wrong' }>

function tokenLine(token: Token, now: Date): string {
  const state = token.revoked_at ? 'revoked' : token.expires_at <= now ? 'ended' : 'works'
  const used = token.last_used_at ? `last used ${token.last_used_at.toISOString()}` : 'never used'
  const what = `${token.scopes.join(',')}  ${printable(token.team_name ?? '-')}  ${printable(token.purpose)}`
  return `${token.id}  ${state}  until ${token.expires_at.toISOString()}  ${used}  ${what}\n`
}

/** The live team of this name, in any spelling of it. */
async function teamNamed(read: Database['read'], name: string): Promise<string | null> {
  const row = await read
    .selectFrom('directory_team')
    .select('id')
    .where('slug', '=', teamKey(name)?.slug ?? '')
    .where('is_active', '=', true)
    .executeTakeFirst()
  return row?.id ?? null
}

type Place = { db: Database; config: Config; url: string }

async function act({ db, config, url }: Place, command: Managing, terminal: Terminal): Promise<number> {
  const { out, err } = terminal
  const now = new Date()
  switch (command.kind) {
    case 'link':
      out.write(`${url}/sign-in#token=${await createLink(db, now)}\n`)
      return EXIT.ok
    case 'token': {
      const team = command.team === null ? null : await teamNamed(db.read, command.team)
      if (command.team !== null && team === null) {
        err.write(`onus: no team ${printable(command.team)} is here; its name comes from the directory\n`)
        return EXIT.failed
      }
      const token = await createToken(db, { ...command, team }, BY, now)
      err.write(`Token ${token.id}, until ${token.expiresAt.toISOString()}. It is shown once:\n`)
      out.write(`${token.secret}\n`)
      return EXIT.ok
    }
    case 'tokens':
      for (const token of await listTokens(db.read, 'all')) out.write(tokenLine(token, now))
      return EXIT.ok
    case 'revoke':
      if (await revokeToken(db, command.id, BY, now)) return EXIT.ok
      err.write('onus: no token that works has this id\n')
      return EXIT.failed
    case 'ledger':
      return command.act === 'keys' ? printKeys(db, terminal) : newLedgerKey(db, config, terminal)
  }
}

async function printKeys(db: Database, { out }: Terminal): Promise<number> {
  for (const { vkey, retiredAt } of await listKeys(db.read))
    out.write(`${vkey}${retiredAt ? ` # until ${retiredAt.toISOString()}` : ''}\n`)
  return EXIT.ok
}

async function newLedgerKey(db: Database, config: Config, { out, err }: Terminal): Promise<number> {
  try {
    const sealer = await openSealer({ keyFile: config.masterKeyFile, dataDir: config.dataDir })
    const key = await rotateKey(db, sealer, { actor: BY, now: new Date() })
    if (!key) {
      err.write('onus: the last new key is not announced yet; try again in a few seconds\n')
      return EXIT.failed
    }
    err.write('The server signs with it from the next entries on. Pass it on to whoever verifies:\n')
    out.write(`${key.text}\n`)
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof MasterKeyUnusable)) throw error
    err.write(`onus: ${error.message}\n`)
    return EXIT.config
  }
}

async function addressOf(config: Config): Promise<Address | null> {
  if (config.databaseUrl !== null) return { connectionString: config.databaseUrl }
  return readConnection(config.dataDir)
}

export async function manage(root: string, command: Managing, terminal: Terminal): Promise<number> {
  const config = await prepare(root, terminal)
  if (!config) return EXIT.config
  const holder = await holderOf(config.dataDir)
  const address = holder?.url ? await addressOf(config) : null
  if (!holder?.url || !address) {
    terminal.err.write('onus: no server runs on this data; start it with `npm start` first\n')
    return EXIT.unavailable
  }
  const db = openDatabase(address, () => {}, 1)
  try {
    return await act({ db, config, url: holder.url }, command, terminal)
  } finally {
    await db.close()
  }
}
