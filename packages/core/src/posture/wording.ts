/** How findings speak of things: short, in plain words, with discovered names kept harmless. */
import type { Identity } from '../identity.ts'
import type { OwnedScope } from '../owned-scope.ts'
import type { Place } from '../place.ts'

/** Longer names are cut in texts; the finding's subject holds the whole name. */
const MAX_NAME_LENGTH = 80

/** Nearly every name: printable ASCII without a backtick, and short. The others take the longer way. */
const PLAIN_NAME = /^[\x20-\x5f\x61-\x7e]{0,80}$/

/** A discovered name in backticks: control and direction characters shown as �, so that it cannot leave its place. */
export function quote(name: string): string {
  if (PLAIN_NAME.test(name)) return `\`${name}\``
  const plain = name.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD').replaceAll('`', "'")
  return `\`${plain.length > MAX_NAME_LENGTH ? `${plain.slice(0, MAX_NAME_LENGTH - 1).toWellFormed()}…` : plain}\``
}

/** Names in backticks, without repeats; the rest as a number. */
export function quoteSome(names: Iterable<string>, most = 5): string {
  const distinct = [...new Set(names)]
  const shown = distinct.slice(0, most).map(quote).join(', ')
  return distinct.length > most ? `${shown} and ${distinct.length - most} more` : shown
}

/** Many accounts are called `default`, so the namespace is part of what people call them. */
export function nameOf(identity: Identity): string {
  return identity.namespace === null ? quote(identity.name) : `${quote(identity.name)} in ${quote(identity.namespace)}`
}

const SCOPE_WORDS = {
  'kubernetes-namespace': 'namespace',
  repository: 'repository',
  'cloud-account': 'cloud account',
  directory: 'directory',
} as const

export function nameOfScope(scope: OwnedScope): string {
  return `${SCOPE_WORDS[scope.kind]} ${quote(scope.name)}`
}

export function placeOf({ source }: Identity | OwnedScope): Place {
  return { file: source.file, line: source.line }
}

/** What a grant allows, and on what where the source says so. */
export function grantText({ permission, resource }: { permission: string; resource: string }): string {
  return resource === '' ? permission : `${permission} on ${resource}`
}

/** A date for people, unambiguous everywhere: the day of an ISO 8601 instant. */
export function day(instant: string): string {
  return instant.slice(0, 10)
}

/** Its first letter large, as sentences begin. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** `1 day`, `2 days`. */
export function days(count: number): string {
  return counted(count, 'day', 'days')
}

export function counted(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`
}
