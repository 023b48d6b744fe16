/** Which groups exist, and which of them operate the platform for others. */
import { isCatchAll } from '../codeowners.ts'
import type { Conventions } from '../conventions.ts'
import type { CodeownersObserved, ControlObserved } from '../observation.ts'
import { parseGroupName, TeamDirectory, type GroupSeen } from '../team-names.ts'
import type { Accountabilities } from './accountabilities.ts'
import { isInside, type Scopes } from './scopes.ts'
import type { Sorted } from './sort.ts'
import type { Subjects } from './subjects.ts'

/** A team that approves everything for this many others is not their owner but their platform. */
const PLATFORM_SERVES_AT_LEAST = 3

export function buildDirectory(seen: Sorted, conventions: Conventions): TeamDirectory {
  const members = membersByTeam(seen.person)
  const groups: GroupSeen[] = seen.team.map((team) => ({
    raw: team.name,
    via: team.via,
    place: team.place,
    contacts: team.contacts,
    members: [...team.members, ...(members.get(parseGroupName(team.name).slug) ?? [])],
    ...(team.displayName === undefined ? {} : { displayName: team.displayName }),
    ...(team.kind === undefined ? {} : { kind: team.kind }),
  }))
  for (const binding of seen['kubernetes-binding']) {
    for (const subject of binding.subjects) {
      if (subject.kind !== 'Group' || subject.name.startsWith('system:')) continue
      groups.push({
        raw: subject.name,
        via: 'kubernetes-rbac',
        place: { file: binding.place.file, line: subject.line },
      })
    }
  }
  for (const file of seen.codeowners) {
    for (const rule of file.rules) {
      for (const owner of rule.owners)
        if (isTeamHandle(owner))
          groups.push({ raw: owner, via: 'codeowners', place: { file: file.file, line: rule.line } })
    }
  }
  for (const control of seen.control) {
    if (control.holder.kind === 'group' && !control.via.includes('RoleBinding'))
      groups.push({ raw: control.holder.raw, via: control.via, place: control.place })
  }
  return new TeamDirectory(groups, conventions.teamAliases)
}

/** Catalogs state membership on the person as often as on the group. Someone who has left is no member. */
function membersByTeam(people: Sorted['person']): Map<string, string[]> {
  const members = new Map<string, string[]>()
  for (const person of people) {
    if (person.isActive === false) continue
    for (const team of person.teams) {
      const { slug } = parseGroupName(team)
      members.set(slug, [...(members.get(slug) ?? []), person.name])
    }
  }
  return members
}

/** `@org/team` is a group; `@name` and addresses are people (or mailboxes). */
export function isTeamHandle(owner: string): boolean {
  return owner.startsWith('@') && owner.includes('/')
}

/**
 * Platform teams: those the conventions name, those that administer whole clusters, and those that a catch-all CODEOWNERS
 * rule makes the approver of definitions which three or more other teams are said to answer for.
 */
export function markPlatformTeams(world: {
  codeowners: readonly CodeownersObserved[]
  controls: readonly ControlObserved[]
  accountabilities: Accountabilities
  scopes: Scopes
  subjects: Subjects
  directory: TeamDirectory
  conventions: Conventions
}): void {
  const { directory } = world
  const mark = (raw: string, kind: 'platform' | 'security'): void => {
    const id = directory.groupId(raw)
    if (id !== null && directory.teams.get(id)?.kind === 'unknown') directory.setKind(id, kind)
  }
  for (const name of world.conventions.securityTeams) mark(name, 'security')
  for (const name of world.conventions.platformTeams) mark(name, 'platform')
  for (const control of world.controls) {
    if (
      control.over.kind === 'kubernetes-namespace' &&
      control.over.name === '*' &&
      control.power === 'admin' &&
      control.holder.kind === 'group'
    )
      mark(control.holder.raw, 'platform')
  }
  for (const file of world.codeowners) {
    const catchAll = file.rules.filter((rule) => isCatchAll(rule))
    for (const owner of catchAll.flatMap((rule) => rule.owners).filter(isTeamHandle)) {
      const id = directory.groupId(owner)
      if (id !== null && teamsServed(world, file.root, id).size >= PLATFORM_SERVES_AT_LEAST) mark(owner, 'platform')
    }
  }
}

function teamsServed(
  world: { accountabilities: Accountabilities; scopes: Scopes; subjects: Subjects },
  root: string,
  except: string,
): Set<string> {
  const served = new Set<string>()
  for (const scope of world.scopes.all) {
    if (isInside(scope.place.file, root))
      for (const team of world.accountabilities.statedTeamsOfScope(scope)) served.add(team)
  }
  for (const subject of world.subjects.all) {
    if (isInside(subject.observed[0]?.place.file ?? '', root))
      for (const team of world.accountabilities.statedTeamsOfSubject(subject)) served.add(team)
  }
  served.delete(except)
  return served
}
