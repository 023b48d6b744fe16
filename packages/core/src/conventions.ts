/**
 * Every company has its own annotation and tag keys. A convention says what a key means; common shapes are recognised
 * by themselves, a conventions file maps the rest (`onus conventions suggest` proposes one).
 */
import { z } from 'zod'
import { shapeOf } from './convention-shapes.ts'
import type { Tag } from './observation.ts'

export const MEANINGS = [
  'team',
  'owner',
  'contact',
  'business-unit',
  'function',
  'service',
  'purpose',
  'environment',
  'production',
  'review-after',
  'source-code',
  'expires',
  'rotated',
  'created',
  'third-party',
  'data-class',
  'revocation',
] as const
export const Meaning = z.enum(MEANINGS)
export type Meaning = z.infer<typeof Meaning>

/** The conventions file (`onus.conventions.yaml`), after parsing. */
export const Conventions = z.strictObject({
  version: z.literal(1),
  /** meaning → exact keys (case-insensitive); they win over the built-in shapes. */
  keys: z.partialRecord(Meaning, z.array(z.string())).default({}),
  /** Keys that look like a convention but mean something else here. */
  ignore: z.array(z.string()).default([]),
  /** The company's word → production, staging, preproduction, test, development, sandbox, shared. */
  environments: z.record(z.string(), z.string()).default({}),
  /** Groups that operate the platform and answer for no business function. */
  platformTeams: z.array(z.string()).default([]),
  securityTeams: z.array(z.string()).default([]),
  /** Other spelling → the team's name. */
  teamAliases: z.record(z.string(), z.string()).default({}),
  /** Order of day and month where a date could be either: "03-04-2026". */
  dateOrder: z.enum(['day-month', 'month-day']).default('day-month'),
  /** How old a credential may be and how long a review may wait, in days. */
  limits: z
    .strictObject({
      credentialAgeDays: z.int().positive().default(90),
      certificateAgeDays: z.int().positive().default(398),
      dormantDays: z.int().positive().default(90),
    })
    .prefault({}),
})
export type Conventions = z.infer<typeof Conventions>

export const DEFAULT_CONVENTIONS: Conventions = Conventions.parse({ version: 1 })

/** A tag with its meaning. `key`, `value` and `line` stay as written, because they are the evidence. */
export type Meant = Tag & { meaning: Meaning }

/**
 * Reads tags by convention, in the order of the tags; a tag without meaning is left out. The conventions file decides
 * first (a key may have several meanings there), then its `ignore` list, then the shapes that most companies share.
 * Values that say nothing ("n/a", "TBD", an unresolved template) mean nothing.
 */
export function interpret(tags: readonly Tag[], conventions: Conventions): Meant[] {
  const { meanings, ignored } = compile(conventions)
  const found: (Meant & { isWeak: boolean })[] = []
  const strong = new Set<Meaning>()
  for (const tag of tags) {
    if (saysNothing(tag.value)) continue
    const key = tag.key.toLowerCase()
    const stated = meanings.get(key)
    const shape = stated !== undefined || ignored.has(key) ? null : shapeOf(tag.key)
    if (shape && (!shape.accepts(tag.value) || (shape.meaning === 'purpose' && isBoilerplate(tag.value)))) continue
    for (const meaning of stated ?? (shape ? [shape.meaning] : [])) {
      found.push({ ...tag, meaning, isWeak: shape?.isWeak ?? false })
      if (!shape?.isWeak) strong.add(meaning)
    }
  }
  return found
    .filter((one) => !one.isWeak || !strong.has(one.meaning))
    .map(({ key, value, line, meaning }) => ({ key, value, line, meaning }))
}

type Compiled = { meanings: ReadonlyMap<string, Meaning[]>; ignored: ReadonlySet<string> }
/** Built once for each conventions object: tags are read by the hundred thousand. */
const compiledConventions = new WeakMap<Conventions, Compiled>()

function compile(conventions: Conventions): Compiled {
  const known = compiledConventions.get(conventions)
  if (known) return known
  const meanings = new Map<string, Meaning[]>()
  for (const meaning of MEANINGS) {
    for (const key of conventions.keys[meaning] ?? []) {
      const lower = key.trim().toLowerCase()
      meanings.set(lower, [...(meanings.get(lower) ?? []), meaning])
    }
  }
  const compiled = { meanings, ignored: new Set(conventions.ignore.map((key) => key.trim().toLowerCase())) }
  compiledConventions.set(conventions, compiled)
  return compiled
}

const NOISE = new Set([
  '',
  '-',
  '--',
  '---',
  '.',
  '?',
  '??',
  '???',
  'n/a',
  'n.a.',
  'na',
  'none',
  'no one',
  'nobody',
  'null',
  'nil',
  'undefined',
  'unknown',
  'unset',
  'not set',
  'not applicable',
  'not available',
  'unassigned',
  'unowned',
  'tbd',
  'tba',
  'tbc',
  'todo',
  'fixme',
  'changeme',
  'change-me',
  'change me',
  'replaceme',
  'replace-me',
  'xxx',
  'placeholder',
  'to be confirmed',
  'to be defined',
  'to be decided',
  'unbekannt',
  'keine',
  'keiner',
  'niemand',
  'k.a.',
  'offen',
  'entfällt',
  'nicht zutreffend',
  'noch offen',
  'inconnu',
  'aucun',
  'aucune',
  'sans objet',
  'à définir',
  'a definir',
  'non défini',
  'non renseigné',
  'desconocido',
  'ninguno',
  'ninguna',
  'por definir',
  'sin asignar',
  'desconhecido',
  'nenhum',
  'não aplicável',
  'sconosciuto',
  'nessuno',
  'nessuna',
  'da definire',
  'onbekend',
  'geen',
  'niet van toepassing',
  'n.v.t.',
  'okänd',
  'ingen',
  'ukjent',
  'ukendt',
  'nieznany',
  'brak',
])

/** True for values that people write to fill a field, and for templates that nobody filled in. */
export function saysNothing(value: string): boolean {
  const text = value
    .trim()
    .toLowerCase()
    .replace(/^["'<[(]+|["'>\])]+$/g, '')
    .trim()
  return NOISE.has(text) || /^(?:todo|fixme|tbd)\b/.test(text) || /\$\{|\{\{|<(?:your|insert|the)[ -]/i.test(value)
}

/** "Managed by Terraform" is the default description of many tools, and no purpose. */
function isBoilerplate(value: string): boolean {
  return /^(?:managed|created|provisioned|deployed|generated|verwaltet|erstellt|angelegt|generiert|géré|créé|gestionado|creado|gestito|creato|beheerd|gemaakt) (?:by|with|via|using|von|durch|mit|par|avec|por|con|da|door) [\w -]{2,30}\.?\s*$/i.test(
    value,
  )
}

/** Longer texts are no names; the limit also bounds the work of matching. */
const MAX_OWNER_LENGTH = 500

/**
 * Several names in one value: `a, b`, `a; b`, `a | b`, `["a","b"]`, `@org/a @org/b`, one a line. "Research and
 * Development" and "R&D" stay one. A label with its addresses (`Payments: a@corp.example, b@corp.example`) is one too.
 */
export function splitNames(raw: string): string[] {
  const text = raw.trim().replace(/^\[([\s\S]*)\]$/, '$1')
  const isHandles = /^@\S+(?:\s+@\S+)+$/.test(text)
  const pieces = text.split(isHandles ? /\s+/ : /[,;|\n]| [/+] /).map(unquote)
  const names = [...new Set(pieces)].filter((piece) => !saysNothing(piece))
  const isBareAddress = (piece: string): boolean => readOwner(piece).label === null
  const hasLabel = names.some((name) => !isBareAddress(name))
  return names.length > 1 && hasLabel && names.some(isBareAddress) ? [raw.trim()] : names
}

function unquote(piece: string): string {
  return piece
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim()
}

export type OwnerRead = {
  /** The name without addresses and channels; null when there is none. */
  label: string | null
  addresses: string[]
  /** Chat channels with their `#`, and links. */
  channels: string[]
  /** True when it names one or more people rather than a team or a shared mailbox. */
  isPersonLike: boolean
}

const ADDRESS = /[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/gu
const CHANNEL = /(?<=^|[\s(,;:|<])#[\p{L}\p{N}][\p{L}\p{N}_-]{0,79}/gu
const LINK = /\bhttps?:\/\/[^\s,;<>"']+/giu

/** Reads a statement of ownership, which mixes a label, addresses and channels: `Payments: payments@corp.example`. */
export function readOwner(raw: string): OwnerRead {
  const text = clean(raw.slice(0, MAX_OWNER_LENGTH))
  const reference = /^(user|group|team|squad|owner)\s*[:=]\s*(.+)$/i.exec(text)
  const body = reference?.[2] ?? text
  const addresses = [...new Set(body.match(ADDRESS) ?? [])]
  const links = body.match(LINK) ?? []
  const channels = [...new Set([...(body.replace(LINK, ' ').match(CHANNEL) ?? []), ...links])]
  const label = labelOf(body)
  const isPerson = statedKind(reference?.[1], body) ?? isPersonLike(label, addresses)
  return { label, addresses, channels, isPersonLike: isPerson }
}

function clean(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(/\bmailto:/gi, '')
    .trim()
}

/** The reference says outright whether it names a person; null when it does not. */
function statedKind(kind: string | undefined, body: string): boolean | null {
  if (kind?.toLowerCase() === 'user') return true
  return body.startsWith('@') || (kind !== undefined && kind.toLowerCase() !== 'owner') ? false : null
}

function labelOf(body: string): string | null {
  const label = body
    .replace(ADDRESS, ' ')
    .replace(LINK, ' ')
    .replace(CHANNEL, ' ')
    .replace(/(?:\(\s*[,;|]*\s*\)|<\s*>|\[\s*\])/g, ' ')
    .replace(/(?<=^|[\s:;,|(])(?:e-?mail|mail|contact|slack|slack channel|channel)\s*[:=]?\s*(?=$|[;,|])/giu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[\s:;,|/<>"'–—-]+|[\s:;,|/<>"'–—-]+$/g, '')
    .replace(/^\(([^()]*)\)$/, '$1')
    .replace(/^default\/(?=\S+$)/, '') // Backstage's default namespace
    .trim()
  return saysNothing(label) ? null : label
}

/** Words of organisations, trades and mailboxes: a name or address that holds one is no person's. */
const ORGANISATION_WORDS = new Set(
  `
  team squad tribe guild group unit department dept division office desk hub lab crew pod chapter board committee
  council centre center platform product project programme program service system app application api portal website
  site store shop core common shared central dev developer development devop engineer engineering architecture infra
  infrastructure op operation sre reliability support help helpdesk admin administrator maintainer owner lead
  manager management staff user member customer client partner vendor supplier contractor external internal public
  private global local regional digital data analytic analytics insight science ai ml bi it ict hr people talent
  finance financial payment billing invoice invoicing account accounting ledger tax treasury card bank banking loan
  credit fraud risk compliance legal audit security secop sec identity access iam auth cloud network web mobile
  frontend backend integration automation release build ci cd qa test testing monitoring observability alert
  alerting oncall incident notification info contact enquiry inquiry hello mail mailbox email noreply no-reply reply
  news press media marketing sales commerce order checkout basket cart catalog catalogue search recommendation
  delivery logistic parcel warehouse shipping fulfilment fulfillment stock inventory supply retail wholesale health
  care clinic patient hospital school education student learning training research innovation strategy policy
  planning design content community communication bot robot root postmaster webmaster corp company org com net io
  example
`
    .trim()
    .split(/\s+/),
)

function isOrganisationWord(word: string): boolean {
  const lower = word.toLowerCase()
  return ORGANISATION_WORDS.has(lower) || (lower.endsWith('s') && ORGANISATION_WORDS.has(lower.slice(0, -1)))
}

function nameWords(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '')
}

function isPersonLike(label: string | null, addresses: readonly string[]): boolean {
  if (label !== null && nameWords(label).some(isOrganisationWord)) return false
  if (addresses.length === 0) return label !== null && /^\p{L}{2,}\.\p{L}{2,}$/u.test(label)
  if (label === null) return addresses.every(isPersonal)
  const said = nameWords(label)
  return addresses.every((address) => {
    const local = localPart(address)
    // "Jane Doe" with jane.doe@ or jdoe@; a label that shares nothing with the address names a team and its contact.
    if (isPersonal(address)) return nameWords(local).some((word) => said.includes(word))
    const [first = '', last = ''] = said
    return said.length === 2 && /^\p{Lu}\S* \p{Lu}\S*$/u.test(label) && local === `${first.charAt(0)}${last}`
  })
}

/** first.last@, j.last@, first.m.last@: how companies write the addresses of people. */
function isPersonal(address: string): boolean {
  if (address.toLowerCase().endsWith('@users.noreply.github.com')) return true
  const local = localPart(address)
  if (!/^\p{L}[\p{L}'-]*(?:\.\p{L}[\p{L}'-]*){1,2}\d{0,2}$/u.test(local)) return false
  const words = nameWords(local)
  return words.filter((word) => word.length > 1).length >= (words.length > 2 ? 2 : 1) && !words.some(isOrganisationWord)
}

function localPart(address: string): string {
  return address.slice(0, address.lastIndexOf('@')).replace(/\+.*$/, '').toLowerCase()
}
