/**
 * Law 1, computed: who answers for a subject, and where the pointers disagree. It judges claims and controls that were
 * already read (law 3: nothing here makes an owner; an inferred owner stays a claim until a team accepts).
 */
import type { Accountability, Claim, Controller, Disagreement } from './identity.ts'
import { CLAIM_VIAS, type ClaimVia } from './observation.ts'
import type { TeamDirectory } from './team-names.ts'

/** Statements say who answers. The weaker kinds (who approves, who typed it) are used only where nobody says anything. */
const STATEMENTS: ReadonlySet<ClaimVia> = new Set(['accepted', 'directory', 'manifest', 'catalog', 'tag'])

/** A controller with its reach: a cluster-wide administrator has power everywhere and proves nothing about one namespace. */
export type ReachingController = Controller & { isEverywhere: boolean }

/** Strongest first: by kind of statement, then made about the subject itself, then by confidence; ties keep their order. */
export function rankClaims(claims: readonly Claim[]): Claim[] {
  const confidence = { high: 0, medium: 1, low: 2 }
  return [...claims].sort(
    (a, b) =>
      CLAIM_VIAS.indexOf(a.via) - CLAIM_VIAS.indexOf(b.via) ||
      Number(a.isInherited) - Number(b.isInherited) ||
      Number(a.team === null) - Number(b.team === null) ||
      confidence[a.confidence] - confidence[b.confidence],
  )
}

/**
 * Judges one subject. The result is `claimed`, `split` or `unowned`; `accountable` and `lapsed` need decisions, which
 * only the registry has. Claims come back ranked, controllers unchanged. `mayPlatformOwn`: the subject is a repository,
 * whose general approver is its owner even where that team is the platform of what others define in it.
 */
export function judgeAccountability(
  claims: readonly Claim[],
  controllers: readonly ReachingController[],
  directory: TeamDirectory,
  options: { mayPlatformOwn?: boolean } = {},
): Accountability {
  const ranked = rankClaims(claims)
  const deciding = decidingClaims(ranked, directory, options.mayPlatformOwn ?? false)
  const differing = claimsDiffer(deciding, directory)
  const team = deciding.find((claim) => claim.team !== null)?.team ?? agreedCandidate(deciding)
  const powerless = team === null ? null : ownerWithoutPower(team, controllers, directory)
  const disagreement = joinDisagreements(differing, powerless)
  const isAmbiguous = team === null && deciding.some((claim) => claim.reading === 'ambiguous')
  return {
    state: disagreement !== null ? 'split' : team !== null ? 'claimed' : isAmbiguous ? 'split' : 'unowned',
    team,
    claims: ranked,
    controllers: controllers.map(toController),
    disagreement: disagreement ?? (isAmbiguous ? ambiguousName(deciding, directory) : null),
  }
}

function toController({ team, raw, kind, power, via, file, line }: ReachingController): Controller {
  return { team, raw, kind, power, via, file, line }
}

function decidingClaims(ranked: readonly Claim[], directory: TeamDirectory, mayPlatformOwn: boolean): Claim[] {
  const statements = ranked.filter((claim) => STATEMENTS.has(claim.via))
  if (
    statements.some((claim) => claim.team !== null || claim.reading === 'ambiguous' || claim.reading === 'unresolved')
  )
    return statements
  // Who must approve a change of the definition is a hint at the owner, unless that team approves for everyone.
  return ranked.filter(
    (claim) =>
      claim.via === 'codeowners' &&
      claim.team !== null &&
      (mayPlatformOwn || directory.teams.get(claim.team)?.kind !== 'platform'),
  )
}

/** All ambiguous claims together may still leave one candidate. */
function agreedCandidate(deciding: readonly Claim[]): string | null {
  const ambiguous = deciding.filter((claim) => claim.reading === 'ambiguous')
  const first = ambiguous[0]
  if (!first) return null
  const left = first.candidates.filter((candidate) => ambiguous.every((claim) => claim.candidates.includes(candidate)))
  return left.length === 1 ? (left[0] ?? null) : null
}

function claimsDiffer(deciding: readonly Claim[], directory: TeamDirectory): Disagreement | null {
  const teams = [...new Set(deciding.flatMap((claim) => (claim.team === null ? [] : [claim.team])))]
  if (teams.length === 0) return null
  const strangers = deciding.filter(
    (claim) =>
      (claim.reading === 'unresolved' && !teams.some((team) => directory.resembles(claim.raw, team))) ||
      (claim.reading === 'ambiguous' && !claim.candidates.some((candidate) => teams.includes(candidate))),
  )
  if (teams.length === 1 && strangers.length === 0) return null
  const names = [...new Set([...teams.map((team) => nameOf(team, directory)), ...strangers.map((claim) => claim.raw)])]
  const said = deciding
    .filter((claim) => claim.team !== null || strangers.includes(claim))
    .map((claim) => `\`${claim.team === null ? claim.raw : nameOf(claim.team, directory)}\` (${claim.key})`)
  return {
    kinds: ['claims-differ'],
    teams,
    names,
    explanation: `The statements name different owners: ${[...new Set(said)].join(', ')}.`,
  }
}

function ambiguousName(deciding: readonly Claim[], directory: TeamDirectory): Disagreement {
  const ambiguous = deciding.filter((claim) => claim.reading === 'ambiguous')
  const teams = [...new Set(ambiguous.flatMap((claim) => claim.candidates))]
  const names = teams.map((team) => nameOf(team, directory))
  return {
    kinds: ['ambiguous-name'],
    teams,
    names,
    explanation: `\`${ambiguous[0]?.raw ?? ''}\` could mean ${names.join(' or ')}.`,
  }
}

/** The team that is said to answer cannot change the thing; somebody else can. */
function ownerWithoutPower(
  team: string,
  controllers: readonly ReachingController[],
  directory: TeamDirectory,
): Disagreement | null {
  if (directory.teams.get(team)?.kind === 'platform' || controllers.some((controller) => controller.team === team))
    return null
  const others = controllers.filter((controller) => controller.kind === 'group' && !controller.isEverywhere)
  const holders = [...new Set(others.flatMap((controller) => (controller.team === null ? [] : [controller.team])))]
  if (holders.length === 0) return null
  const isPlatformAlone = holders.every((holder) => directory.teams.get(holder)?.kind === 'platform')
  const names = holders.map((holder) => nameOf(holder, directory))
  const owner = nameOf(team, directory)
  return {
    kinds: [isPlatformAlone ? 'platform-alone' : 'owner-without-power'],
    teams: [team, ...holders],
    names: [owner, ...names],
    explanation: isPlatformAlone
      ? `\`${owner}\` is said to answer, but ${names.join(' and ')} (platform) alone can change it or approve its changes.`
      : `\`${owner}\` is said to answer, but only ${names.join(', ')} can change it or approve its changes.`,
  }
}

function joinDisagreements(a: Disagreement | null, b: Disagreement | null): Disagreement | null {
  if (a === null || b === null) return a ?? b
  return {
    kinds: [...new Set([...a.kinds, ...b.kinds])],
    teams: [...new Set([...a.teams, ...b.teams])],
    names: [...new Set([...a.names, ...b.names])],
    explanation: `${a.explanation} ${b.explanation}`,
  }
}

function nameOf(team: string, directory: TeamDirectory): string {
  return directory.teams.get(team)?.name ?? team
}
