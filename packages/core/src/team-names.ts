/**
 * Matching of team names through spelling. `github:payments`, `@acme/Payments`, `payments_team` and "Payments Team" may
 * all mean one group; two real groups are never merged because a third spelling could mean either.
 */
import { withoutAccents } from './accents.ts'
import { stableId } from './ids.ts'
import type { Place } from './place.ts'
import type { Team } from './team.ts'
import { readOwner } from './conventions.ts'

/** Words that people add to or leave out of a team's name. */
const FILLERS = new Set([
  'team',
  'teams',
  'squad',
  'group',
  'the',
  'crew',
  'tribe',
  'guild',
  'equipe',
  'equipo',
  'gruppe',
  'groupe',
  'grupo',
  'gruppo',
  'squadra',
  'mannschaft',
])

/** Words that say nothing about which team is meant; sharing only these is no resemblance. */
const COMMON_WORDS = new Set([
  ...FILLERS,
  'and',
  'of',
  'for',
  'dev',
  'devs',
  'developers',
  'admin',
  'admins',
  'live',
  'prod',
  'test',
  'service',
  'services',
  'support',
  'ops',
  'write',
  'read',
  'members',
  'digital',
  'data',
  'com',
  'org',
  'net',
  'gov',
  'email',
  'mail',
  'info',
  'hello',
])

export type GroupName = { org: string | null; slug: string }

/** Reads a group's native spelling: directory prefixes (`github:`, `oidc:`), `@org/team`, entity references, case, separators. */
export function parseGroupName(raw: string): GroupName {
  let name = raw.normalize('NFKC').trim()
  name = name
    .replace(/^(?:github|gitlab|oidc|okta|azuread|aad|entra|google|ldap|saml|keycloak|group|team)[:=]/i, '')
    .trim()
  let org: string | null = null
  const scoped = /^@?([^/\s]+)\/([^\s]+)$/.exec(name)
  if (scoped) {
    org = slugOf(scoped[1] ?? '')
    name = scoped[2] ?? ''
    if (org === 'default') org = null // Backstage's default namespace
  }
  // Google names its groups by address. Its domain is the company's and is no organisation of a code host.
  const address = /^([^@\s]+)@[^@\s]+\.[^@\s]+$/.exec(name)
  if (address) name = address[1] ?? ''
  return { org, slug: slugOf(name.replace(/^@+/, '')) }
}

function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[\s_./:]+/g, '-')
    .replace(/[^\p{L}\p{N}-]+/gu, '')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '')
}

/**
 * What spellings of one slug share: one group is `équipe-paiement` in a tag and `equipe-paiement` in a system that
 * allows letters of English only.
 */
function keyOf(slug: string): string {
  return withoutAccents(slug)
}

/** The name without filler words and separators: what two spellings of one team have in common. */
function looseForm(slug: string): string {
  const all = keyOf(slug).split('-')
  const words = all.filter((word) => !FILLERS.has(word))
  return (words.length > 0 ? words : all).join('')
}

export type Reading =
  | { reading: 'team'; team: string; confidence: 'high' | 'medium' | 'low' }
  | { reading: 'ambiguous'; candidates: string[] }
  | { reading: 'person' }
  | { reading: 'contact' }
  | { reading: 'unresolved' }

export type GroupSeen = {
  raw: string
  via: string
  place: Place
  displayName?: string
  kind?: Team['kind']
  contacts?: string[]
  members?: string[]
}

/** All groups of the estate, under one id for each real group. Build it from every group first, then read names. */
export class TeamDirectory {
  readonly #teams = new Map<string, Team>()
  /** slug → ids of real groups with it (two when two organisations have a group of the same name) */
  readonly #bySlug = new Map<string, Set<string>>()
  readonly #byLoose = new Map<string, Set<string>>()
  readonly #byContact = new Map<string, Set<string>>()
  readonly #aliases = new Map<string, string>()

  constructor(groups: readonly GroupSeen[], aliases: Readonly<Record<string, string>> = {}) {
    const organisations = organisationsPerSlug(groups)
    for (const group of groups) this.#addGroup(group, organisations)
    for (const [spelling, name] of Object.entries(aliases)) this.#aliases.set(slugOf(spelling), name)
  }

  /** True when some source told of real groups, so that a name can be checked against them. */
  get knowsGroups(): boolean {
    return this.#bySlug.size > 0
  }

  get teams(): ReadonlyMap<string, Team> {
    return this.#teams
  }

  setKind(id: string, kind: Team['kind']): void {
    const team = this.#teams.get(id)
    if (team) team.kind = kind
  }

  /**
   * Reads a name from a field that holds team names. A name that no known group matches still names a team: the field
   * says so; it is marked as not known.
   */
  readTeam(raw: string, via: string, place: Place): Reading {
    const found = this.#match(raw)
    if (found) return this.#noted(found, raw, via, place)
    const owner = readOwner(raw)
    if (owner.isPersonLike) return { reading: 'person' }
    if (owner.label === null && owner.addresses.length + owner.channels.length > 0)
      return this.#readContact(owner.addresses)
    return { reading: 'team', team: this.#named(owner.label ?? raw, via, place), confidence: 'medium' }
  }

  /**
   * Reads a free-text owner ("Payments: payments@corp.example"). Without any known groups the label is all there is and
   * names a team; with known groups a label that matches none stays unresolved rather than becoming one more team, unless
   * a field for teams holds it too (`readTeam` was given it before).
   */
  readOwner(raw: string, via: string, place: Place): Reading {
    const owner = readOwner(raw)
    const found = this.#match(owner.label ?? raw)
    // A label is weaker than a field that holds a team's name: where both stand, the field says whom the label means.
    if (found)
      return this.#noted(found.reading === 'team' ? { ...found, confidence: 'medium' } : found, raw, via, place)
    if (owner.isPersonLike) return { reading: 'person' }
    const contact = this.#readContact(owner.addresses)
    if (contact.reading === 'team') return contact
    if (owner.label === null) return contact
    const named = this.#teams.get(namedId(owner.label))
    if (named?.spellings.some((one) => isOneSlug(one, owner.label ?? '')))
      return this.#noted({ reading: 'team', team: named.id, confidence: 'low' }, raw, via, place)
    if (this.knowsGroups) return { reading: 'unresolved' }
    return { reading: 'team', team: this.#named(owner.label, via, place), confidence: 'low' }
  }

  /** Finds the real group of a native group name; null when the directory was not built from it. */
  groupId(raw: string): string | null {
    const { org, slug } = parseGroupName(raw)
    const ids = this.#bySlug.get(keyOf(slug))
    if (!ids) return null
    if (ids.size === 1) return only(ids)
    const scoped = stableId('tm', org ?? '', keyOf(slug))
    return ids.has(scoped) ? scoped : null
  }

  /**
   * Could this unresolved label be another way to write that team? True on a shared telling word, on an acronym
   * (CDPT, central-digital-product-team), or on a shared address. It never makes them one team; it only keeps two
   * spellings of one owner from being reported as two owners.
   */
  resembles(label: string, teamId: string): boolean {
    const team = this.#teams.get(teamId)
    if (!team) return false
    const owner = readOwner(label)
    if (owner.addresses.some((address) => team.contacts.includes(address.toLowerCase()))) return true
    const said = wordsOf(
      [owner.label ?? '', ...owner.addresses.map((address) => address.split('@')[0] ?? '')].join(' '),
    )
    const meant = wordsOf([team.name, ...team.spellings].join(' '))
    if (intersects(telling(said), telling(meant))) return true
    const acronyms = [acronymOf(owner.label ?? ''), ...said]
    return acronyms.some((word) => word.length >= 3 && (meant.includes(word) || word === acronymOf(team.name)))
  }

  #match(raw: string): Reading | null {
    const alias = this.#aliases.get(slugOf(raw))
    const { org, slug } = parseGroupName(alias ?? raw)
    if (slug === '') return null
    const exact = this.#bySlug.get(keyOf(slug))
    if (exact) {
      const scoped = stableId('tm', org ?? '', keyOf(slug))
      if (exact.size > 1 && exact.has(scoped)) return { reading: 'team', team: scoped, confidence: 'high' }
      return readingOf(exact, 'high')
    }
    const loose = this.#byLoose.get(looseForm(slug))
    return loose ? readingOf(loose, 'medium') : null
  }

  #noted(found: Reading, raw: string, via: string, place: Place): Reading {
    if (found.reading === 'team') this.#note(found.team, raw, via, place)
    return found
  }

  #readContact(addresses: readonly string[]): Reading {
    for (const address of addresses) {
      const known = this.#byContact.get(address.toLowerCase())
      if (known) return readingOf(known, 'medium')
      const mailbox = this.#match(address.split('@')[0] ?? '')
      if (mailbox) return mailbox.reading === 'team' ? { ...mailbox, confidence: 'low' } : mailbox
    }
    return { reading: 'contact' }
  }

  #addGroup(group: GroupSeen, organisations: ReadonlyMap<string, Set<string>>): void {
    const { org, slug } = parseGroupName(group.raw)
    if (slug === '') return
    const key = keyOf(slug)
    const severalOrganisations = (organisations.get(key)?.size ?? 0) > 1
    // A bare name beside two organisations' groups of that name is neither of them: it gets an id of its own.
    const id = severalOrganisations ? stableId('tm', org ?? '', key) : stableId('tm', key)
    const team = this.#teams.get(id) ?? emptyTeam(id, severalOrganisations && org ? `${org}/${slug}` : slug)
    team.isKnown = true
    if (group.displayName) team.name = group.displayName
    if (group.kind && group.kind !== 'unknown') team.kind = group.kind
    for (const contact of group.contacts ?? []) {
      if (!team.contacts.includes(contact.toLowerCase())) team.contacts.push(contact.toLowerCase())
      addTo(this.#byContact, contact.toLowerCase(), id)
    }
    for (const member of group.members ?? []) if (!team.members.includes(member)) team.members.push(member)
    this.#teams.set(id, team)
    addTo(this.#bySlug, key, id)
    addTo(this.#byLoose, looseForm(slug), id)
    if (group.displayName) addTo(this.#byLoose, looseForm(slugOf(group.displayName)), id)
    this.#note(id, group.raw, group.via, group.place)
  }

  /** A team that only a tag names. Spellings of it that differ in case or separators are one. */
  #named(label: string, via: string, place: Place): string {
    const { slug } = parseGroupName(label)
    const id = namedId(label)
    if (!this.#teams.has(id)) this.#teams.set(id, emptyTeam(id, slug || label))
    this.#note(id, label, via, place)
    return id
  }

  #note(id: string, raw: string, via: string, place: Place): void {
    const team = this.#teams.get(id)
    if (!team) return
    if (!team.spellings.includes(raw)) team.spellings.push(raw)
    // A few places prove the team; a thousand bindings would only make the report long.
    const isNew = !team.evidence.some((one) => one.file === place.file && one.line === place.line && one.via === via)
    if (team.evidence.length < 5 && isNew) team.evidence.push({ ...place, via })
  }
}

function isOneSlug(a: string, b: string): boolean {
  return keyOf(parseGroupName(a).slug) === keyOf(parseGroupName(b).slug)
}

function namedId(label: string): string {
  return stableId('tm', 'named', looseForm(parseGroupName(label).slug) || label)
}

function organisationsPerSlug(groups: readonly GroupSeen[]): Map<string, Set<string>> {
  const organisations = new Map<string, Set<string>>()
  for (const group of groups) {
    const { org, slug } = parseGroupName(group.raw)
    if (org !== null) addTo(organisations, keyOf(slug), org)
  }
  return organisations
}

function emptyTeam(id: string, name: string): Team {
  return { id, name, kind: 'unknown', contacts: [], members: [], isKnown: false, spellings: [], evidence: [] }
}

function readingOf(ids: ReadonlySet<string>, confidence: 'high' | 'medium'): Reading {
  return ids.size === 1
    ? { reading: 'team', team: only(ids), confidence }
    : { reading: 'ambiguous', candidates: [...ids].sort() }
}

function only(ids: ReadonlySet<string>): string {
  for (const id of ids) return id
  throw new Error('an empty set of teams was indexed')
}

function addTo(index: Map<string, Set<string>>, key: string, value: string): void {
  const values = index.get(key)
  if (values) values.add(value)
  else index.set(key, new Set([value]))
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

function telling(words: readonly string[]): string[] {
  return words.filter((word) => word.length >= 3 && !COMMON_WORDS.has(word))
}

function intersects(a: readonly string[], b: readonly string[]): boolean {
  return a.some((word) => b.includes(word))
}

function acronymOf(name: string): string {
  const words = wordsOf(name)
  return words.length >= 3 ? words.map((word) => word[0] ?? '').join('') : ''
}
