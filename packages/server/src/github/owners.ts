/** Who owns a path of a repository by CODEOWNERS, as GitHub reads it at a commit. */
import { parseCodeowners } from '@onus/connectors/codeowners/parse.ts'
import { ownersOf } from '@onus/core/codeowners.ts'
import { fileAt, isInTeam, permissionOf } from './api.ts'
import type { Place } from './api.ts'

/** In this order, and no other is read when one is there. */
const FILES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']

/** `@login`, `@org/team` and addresses; none: nobody owns it, or the file cannot be used. */
export async function ownersAt(place: Place, commit: string, path: string): Promise<string[]> {
  for (const file of FILES) {
    const found = await fileAt(place, commit, file)
    if (found.kind === 'none') continue
    if (found.kind === 'unusable') return []
    const { syntax, rules } = parseCodeowners(found.text, 'github')
    return ownersOf({ type: 'codeowners', root: '', syntax, rules, file }, path)?.owners ?? []
  }
  return []
}

export type Account = { id: number; login: string }
export type Ownership = { isOwner: true } | { isOwner: false; reason: string }

/** Whether the account is one of `owners`, itself or through a team, and may write to the repository as owners must. */
export async function ownershipOf(place: Place, owners: readonly string[], account: Account): Promise<Ownership> {
  if (owners.length === 0) return no('nobody owns the manifest by CODEOWNERS, at the base commit and as it stands')
  if (!['admin', 'maintain', 'write'].includes(await permissionOf(place, account)))
    return no('whoever gave it may not write to the repository')
  const login = account.login.toLowerCase()
  if (owners.some((owner) => owner.toLowerCase() === `@${login}`)) return { isOwner: true }
  let isUnknown = false
  for (const owner of owners) {
    const [, org, team] = /^@([^/]+)\/([^/]+)$/.exec(owner) ?? []
    if (org === undefined || team === undefined) continue
    const isMember = await isInTeam(place, org, team, account.login)
    if (isMember) return { isOwner: true }
    isUnknown ||= isMember === null
  }
  if (isUnknown) return no('the App may not see who belongs to the teams that own the manifest')
  return no('whoever gave it does not own the manifest by CODEOWNERS')
}

const no = (reason: string): Ownership => ({ isOwner: false, reason })

/** Owners by every one of these commits. */
export async function ownersAtAll(place: Place, commits: readonly string[], path: string): Promise<string[]> {
  const [first, ...others] = [...new Set(commits)]
  if (first === undefined) return []
  let owners = await ownersAt(place, first, path)
  for (const commit of others) {
    const also = new Set((await ownersAt(place, commit, path)).map((owner) => owner.toLowerCase()))
    owners = owners.filter((owner) => also.has(owner.toLowerCase()))
  }
  return owners
}
