/** The command line of the server. Pure. */
import { MAX_TOKEN_DAYS, TokenScope } from '@onus/core/contract/session-routes.ts'

export type Command =
  | { kind: 'serve'; paths: string[] }
  | { kind: 'link' }
  | { kind: 'token'; purpose: string; days: number; scopes: TokenScope[]; team: string | null }
  | { kind: 'tokens' }
  | { kind: 'revoke'; id: string }
  | { kind: 'ledger'; act: 'keys' | 'rotate-key' }
  | { kind: 'backup'; file: string }
  | { kind: 'restore'; file: string }
  | { kind: 'help' }
  | { kind: 'wrong'; reason: string }

export const USAGE = `usage: npm start [-- PATH...]         serve API and console; scan and import each PATH at start
       npm start -- link              print a new sign-in link of the running server
       npm start -- token --purpose TEXT [--days N] [--scope WORD,WORD] [--team NAME]
                                      make a token (default: 30 days, import): import brings reports, scim writes
                                      people and teams, read reads, propose proposes changes,
                                      audit exports the ledger
       npm start -- tokens            list tokens
       npm start -- revoke ID         revoke a token
       npm start -- ledger keys       print the verifier keys of the ledger, the oldest first
       npm start -- ledger rotate-key let a new key sign the ledger; the old one announces it
       npm start -- backup FILE       write everything into a file, while the server runs or stands
       npm start -- restore FILE      fill an empty data folder or database from such a file
A folder with such a name is written ./link. Settings are environment variables: ONUS_DATA_DIR, ONUS_PORT, ONUS_HOST,
ONUS_PUBLIC_URL, ONUS_MASTER_KEY_FILE, ONUS_MAX_IMPORT_BYTES, ONUS_LOG_LEVEL, DATABASE_URL; for sign-in with
company accounts ONUS_OIDC_ISSUER, ONUS_OIDC_CLIENT_ID and more (docs/how-to/sign-in-with-openid-connect.md).`

const isScope = (text: string): text is TokenScope => (TokenScope.options as readonly string[]).includes(text)

function tokenOf(args: readonly string[]): Command {
  let purpose = ''
  let days = 30
  let scopes = ['import']
  let team: string | null = null
  for (let index = 0; index < args.length; index += 2) {
    const value = args[index + 1]
    if (value === undefined) return { kind: 'wrong', reason: `${args[index]} needs a value` }
    if (args[index] === '--purpose') purpose = value.trim()
    else if (args[index] === '--days') days = /^\d{1,4}$/.test(value) ? Number(value) : 0
    else if (args[index] === '--scope') scopes = value.split(',').map((word) => word.trim())
    else if (args[index] === '--team') team = value.trim()
    else return { kind: 'wrong', reason: `token does not know ${args[index]}` }
  }
  if (purpose === '' || purpose.length > 200)
    return { kind: 'wrong', reason: 'say with --purpose what the token is for (up to 200 characters)' }
  if (days < 1 || days > MAX_TOKEN_DAYS)
    return { kind: 'wrong', reason: `--days is from 1 to ${MAX_TOKEN_DAYS}: every token ends` }
  if (!scopes.every(isScope)) return { kind: 'wrong', reason: `--scope knows ${TokenScope.options.join(', ')}` }
  return { kind: 'token', purpose, days, scopes, team }
}

export function readArguments(args: readonly string[]): Command {
  const [first, ...rest] = args
  if (args.includes('--help') || args.includes('-h')) return { kind: 'help' }
  if (first === 'token') return tokenOf(rest)
  if (first === 'link' || first === 'tokens')
    return rest.length ? { kind: 'wrong', reason: `${first} takes nothing` } : { kind: first }
  if (first === 'revoke')
    return rest.length === 1 && rest[0]
      ? { kind: 'revoke', id: rest[0] }
      : { kind: 'wrong', reason: 'revoke takes the id of one token' }
  if (first === 'backup' || first === 'restore')
    return rest.length === 1 && rest[0]
      ? { kind: first, file: rest[0] }
      : { kind: 'wrong', reason: `${first} takes the path of one file` }
  if (first === 'ledger')
    return rest.length === 1 && (rest[0] === 'keys' || rest[0] === 'rotate-key')
      ? { kind: 'ledger', act: rest[0] }
      : { kind: 'wrong', reason: 'ledger takes keys or rotate-key' }
  const option = args.find((arg) => arg.startsWith('-'))
  return option ? { kind: 'wrong', reason: `there is no option ${option}` } : { kind: 'serve', paths: [...args] }
}
