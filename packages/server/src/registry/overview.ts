/** What needs someone, and how much of the estate is accountable: from sums, so that it is quick at any size. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { SEVERITIES } from '@onus/core/finding.ts'
import type { AccountabilityState } from '@onus/core/identity.ts'
import type { Overview } from '@onus/core/contract/routes.ts'
import type { Read } from '../db/database.ts'
import { emptyStates, severityOf } from './columns.ts'
import { RULE_OF } from './wording.ts'

type Told = z.infer<typeof Overview>
/** Present identities and credentials by the dimensions that the overview shows. */
type Sum = { environment: string | null; team: string | null; state: string; identities: number; credentials: number }
type RuleSum = { rule: string; severity: number; fail: number; unknown: number; teams: number }

const TEAMS_SHOWN = 20

/** Both grains cover every identity once: one tells environments apart, the other teams. */
async function sumsNow(read: Read, grain: 'environment' | 'team'): Promise<Sum[]> {
  return read
    .selectFrom('tally')
    .select([
      'environment',
      'team',
      'state',
      sql<number>`sum(identities)::int`.as('identities'),
      sql<number>`sum(credentials)::int`.as('credentials'),
    ])
    .where('grain', '=', grain)
    .groupBy(['environment', 'team', 'state'])
    // Decisions between two imports are rows that take away and add.
    .having(sql<boolean>`sum(identities) <> 0`)
    .execute()
}

/** Reads the versions that stood at `at`: as slow as the registry is large, and asked for seldom. */
async function sumsAt(read: Read, at: Date): Promise<Sum[]> {
  return read
    .selectFrom('identity_version')
    .select([
      'environment',
      'team',
      'state',
      sql<number>`count(*)::int`.as('identities'),
      sql<number>`coalesce(sum(json_array_length(document->'credentials')), 0)::int`.as('credentials'),
    ])
    .where(sql<boolean>`valid_from <= ${at} and (valid_to is null or valid_to > ${at})`)
    .groupBy(['environment', 'team', 'state'])
    .execute()
}

async function rulesNow(read: Read): Promise<RuleSum[]> {
  return read.selectFrom('rule_total').select(['rule', 'severity', 'fail', 'unknown', 'teams']).execute()
}

/** From the snapshot that each source had last before `at`. Teams of several sources are not told apart there. */
async function rulesAt(read: Read, at: Date): Promise<RuleSum[]> {
  return read
    .selectFrom('rule_snapshot as s')
    .select([
      'rule',
      sql<number>`max(severity)::int`.as('severity'),
      sql<number>`sum(fail)::int`.as('fail'),
      sql<number>`sum(unknown)::int`.as('unknown'),
      sql<number>`max(teams)::int`.as('teams'),
    ])
    .where(
      sql<boolean>`s.at = (select max(l.at) from rule_snapshot l where l.source_id = s.source_id and l.at <= ${at})`,
    )
    .groupBy('rule')
    .execute()
}

function byState(sums: readonly Sum[]): Record<AccountabilityState, number> {
  const states = emptyStates()
  // The column was written from a checked document.
  for (const { state, identities } of sums) states[state as AccountabilityState] += identities
  return states
}

function grouped(sums: readonly Sum[], key: (sum: Sum) => string | null): Map<string | null, Sum[]> {
  const groups = new Map<string | null, Sum[]>()
  for (const sum of sums) groups.set(key(sum), [...(groups.get(key(sum)) ?? []), sum])
  return groups
}

const size = (sums: readonly Sum[]): number => sums.reduce((total, { identities }) => total + identities, 0)

/** The overview now, or as of `at`. */
export async function overview(read: Read, at: Date | null, now: Date): Promise<Told> {
  const [sums, teamSums, rules, said, sources, vanished] = await Promise.all([
    at === null ? sumsNow(read, 'environment') : sumsAt(read, at),
    at === null ? sumsNow(read, 'team') : null,
    at === null ? rulesNow(read) : rulesAt(read, at),
    read.selectFrom('rule_said').selectAll().execute(),
    read.selectFrom('source').select(['unread', 'last_import_at', 'vanished']).execute(),
    at === null
      ? null
      : read
          .selectFrom('identity')
          .select(sql<number>`count(*)::int`.as('count'))
          .where('vanished_at', '<=', at)
          .executeTakeFirstOrThrow(),
  ])
  const saidOf = new Map(said.map((row) => [row.rule, row]))
  const rank = (word: (typeof SEVERITIES)[number]): number => SEVERITIES.indexOf(word)
  const told = rules.map((row) => ({
    ...row,
    word: severityOf(row.severity) ?? 'low',
    title: RULE_OF.get(row.rule)?.title ?? row.rule,
    fix: RULE_OF.get(row.rule)?.fix ?? saidOf.get(row.rule)?.fix ?? '',
    missing: RULE_OF.get(row.rule)?.needs.join('; ') ?? saidOf.get(row.rule)?.missing ?? '',
  }))
  const imports = sources.map((row) => row.last_import_at.getTime())
  return {
    asOf: (at ?? now).toISOString(),
    identities: size(sums),
    credentials: sums.reduce((total, { credentials }) => total + credentials, 0),
    vanished: vanished?.count ?? sources.reduce((total, row) => total + row.vanished, 0),
    byState: byState(sums),
    byEnvironment: [...grouped(sums, ({ environment }) => environment)]
      .sort(([, a], [, b]) => size(b) - size(a))
      .map(([environment, group]) => ({ environment, byState: byState(group) })),
    byTeam: await byTeam(read, teamSums ?? sums),
    needs: told
      .filter(({ fail }) => fail > 0)
      .sort((a, b) => rank(b.word) - rank(a.word) || b.fail - a.fail)
      .map(({ rule, title, word, fail, teams, fix }) => ({ rule, title, severity: word, count: fail, teams, fix })),
    unknowns: told
      .filter(({ unknown }) => unknown > 0)
      .sort((a, b) => b.unknown - a.unknown)
      .map(({ rule, title, unknown, missing }) => ({ rule, title, count: unknown, missing })),
    sources: sources.length,
    unread: sources.reduce((total, row) => total + row.unread, 0),
    lastImportAt: imports.length ? new Date(Math.max(...imports)).toISOString() : null,
  }
}

async function byTeam(read: Read, sums: readonly Sum[]): Promise<Told['byTeam']> {
  // Equal sizes keep one order: none first, then by id.
  const groups = [...grouped(sums, ({ team }) => team)]
    .sort(([idA, a], [idB, b]) => size(b) - size(a) || ((idA ?? '') < (idB ?? '') ? -1 : 1))
    .slice(0, TEAMS_SHOWN)
  const ids = groups.flatMap(([id]) => id ?? [])
  const [names, findings] = await Promise.all([
    ids.length ? read.selectFrom('team').select(['id', 'name']).where('id', 'in', ids).execute() : [],
    read
      .selectFrom('rule_count')
      .select(['team', sql<number>`sum(fail)::int`.as('fail')])
      .where(sql<boolean>`team is null or team = any(${ids})`)
      .groupBy('team')
      .execute(),
  ])
  const nameOf = new Map(names.map(({ id, name }) => [id, name]))
  const countOf = new Map(findings.map(({ team, fail }) => [team, fail]))
  return groups.map(([id, group]) => ({
    team: id === null ? null : { id, name: nameOf.get(id) ?? id },
    byState: byState(group),
    findings: countOf.get(id) ?? 0,
  }))
}
