/** Gathers, for each subject, the claims about it and who controls it, and has them judged. */
import { judgeAccountability, type ReachingController } from '../accountability.ts'
import { ownersOf } from '../codeowners.ts'
import { splitNames } from '../conventions.ts'
import type { Accountability, Claim } from '../identity.ts'
import type { ClaimVia, CodeownersObserved, ControlObserved, HistoryObserved } from '../observation.ts'
import type { Place } from '../place.ts'
import type { Reading, TeamDirectory } from '../team-names.ts'
import { meantBySubject, type Catalog } from './catalog.ts'
import { isTeamHandle } from './directory.ts'
import type { ReconcileOptions } from './index.ts'
import { isInside, NO_FILE, type MeantAt, type Scope, type Scopes } from './scopes.ts'
import type { Sorted } from './sort.ts'
import type { Subject } from './subjects.ts'

export class Accountabilities {
  readonly #directory: TeamDirectory
  readonly #catalog: Catalog
  readonly #options: ReconcileOptions
  readonly #codeowners: CodeownersObserved[]
  readonly #history: Map<string, HistoryObserved>
  readonly #scopeClaims = new Map<string, Sorted['claim']>()
  readonly #scopeControls = new Map<string, ControlObserved[]>()
  readonly #realmControls = new Map<string, ControlObserved[]>()
  readonly #statements = new Map<string, Claim[]>()
  readonly #scopeControllers = new Map<string, ReachingController[]>()

  constructor(seen: Sorted, scopes: Scopes, directory: TeamDirectory, catalog: Catalog, options: ReconcileOptions) {
    this.#directory = directory
    this.#catalog = catalog
    this.#options = options
    this.#codeowners = [...seen.codeowners].sort((a, b) => b.root.length - a.root.length)
    this.#history = new Map(seen.history.map((one) => [one.file, one]))
    for (const claim of seen.claim) {
      if (claim.about.kind === 'scope') push(this.#scopeClaims, scopes.resolve(claim.about.ref, claim.place).key, claim)
    }
    for (const control of seen.control) {
      if (control.over.kind === 'identity') continue
      if (control.over.name === '*') push(this.#realmControls, control.over.realm, control)
      else push(this.#scopeControls, scopes.resolve(control.over, control.place).key, control)
    }
  }

  /** Has the names of teams read wherever a field holds one, so that owners can be read against all of them. */
  learnTeams(subjects: readonly Subject[], scopes: readonly Scope[]): void {
    const meant = [
      ...scopes.map((scope) => scope.meant),
      ...subjects.map((subject) => meantBySubject(subject, this.#options)),
    ]
    for (const one of meant.flat()) {
      if (one.meaning !== 'team') continue
      for (const name of splitNames(one.value))
        this.#directory.readTeam(name, one.key, { file: one.file, line: one.line })
    }
  }

  ofScope(scope: Scope): Accountability {
    // Rules for the whole repository, before those that protect its CODEOWNERS file.
    const whole = scope.ref.kind === 'repository' ? anyFileOf(scope) : null
    const file = whole !== null && this.#owners(whole).length > 0 ? whole : scope.home
    const claims = [...this.#scopeStatements(scope), ...this.#fileClaims(file)]
    const controllers = [...this.#controllersOfScope(scope), ...this.#approversOf(file)]
    return judgeAccountability(claims, controllers, this.#directory, {
      mayPlatformOwn: scope.ref.kind === 'repository',
    })
  }

  ofSubject(subject: Subject): Accountability {
    const file = subject.observed[0]?.place.file ?? ''
    const claims = [...this.#subjectStatements(subject), ...this.#fileClaims(file)]
    const direct = subject.controls.map((control) => this.#controller(control, false))
    // Administrators of a namespace can change its accounts and tokens, but not the cloud role that a workload assumes.
    // A tool's definition whose account name is not known yet still makes an account of the namespace.
    const isAccount =
      subject.observed[0]?.kind === 'service-account' && ['kubernetes', 'terraform'].includes(subject.nativeSystem)
    const inherited =
      subject.scope?.ref.kind === 'kubernetes-namespace' && isAccount ? this.#controllersOfScope(subject.scope) : []
    return judgeAccountability(claims, [...direct, ...inherited, ...this.#approversOf(file)], this.#directory)
  }

  statedTeamsOfScope(scope: Scope): string[] {
    return this.#scopeStatements(scope).flatMap((claim) => claim.team ?? [])
  }

  statedTeamsOfSubject(subject: Subject): string[] {
    return this.#subjectStatements(subject).flatMap((claim) => claim.team ?? [])
  }

  #scopeStatements(scope: Scope): Claim[] {
    const known = this.#statements.get(scope.key)
    if (known) return known
    const claims = this.#tagClaims(scope.meant, false)
    for (const claim of this.#scopeClaims.get(scope.key) ?? [])
      claims.push(...this.#readTeams(claim.raw, claim.via, claim.via, claim.place, false))
    claims.push(...this.#catalogClaims(this.#catalog.serviceOfScope(scope), false))
    this.#statements.set(scope.key, claims)
    return claims
  }

  #subjectStatements(subject: Subject): Claim[] {
    const own = this.#tagClaims(meantBySubject(subject, this.#options), false)
    for (const claim of subject.claims)
      own.push(...this.#readTeams(claim.raw, claim.via, claim.via, claim.place, false))
    const inherited = subject.scope
      ? this.#scopeStatements(subject.scope).map((claim) => ({ ...claim, isInherited: true }))
      : []
    const isCatalogInherited = inherited.some((claim) => claim.via === 'catalog')
    const catalog = isCatalogInherited ? [] : this.#catalogClaims(this.#catalog.serviceOfSubject(subject), true)
    return [...own, ...catalog, ...inherited]
  }

  #tagClaims(meant: readonly MeantAt[], isInherited: boolean): Claim[] {
    return meant.flatMap((one) => {
      const place = { file: one.file, line: one.line }
      if (one.meaning === 'team') return this.#readTeams(one.value, 'tag', one.key, place, isInherited)
      if (one.meaning !== 'owner') return []
      return [
        this.#claim(this.#directory.readOwner(one.value, one.key, place), {
          raw: one.value,
          via: 'tag',
          key: one.key,
          place,
          isInherited,
        }),
      ]
    })
  }

  #readTeams(raw: string, via: ClaimVia, key: string, place: Place, isInherited: boolean): Claim[] {
    return splitNames(raw).map((name) =>
      this.#claim(this.#directory.readTeam(name, key, place), { raw: name, via, key, place, isInherited }),
    )
  }

  #catalogClaims(found: ReturnType<Catalog['serviceOfSubject']>, isInherited: boolean): Claim[] {
    if (!found?.observed.owner) return []
    const claims = this.#readTeams(
      found.observed.owner,
      'catalog',
      `catalog ${found.observed.name}`,
      found.observed.place,
      isInherited || !found.isStated,
    )
    return found.isStated ? claims : claims.map((claim) => ({ ...claim, confidence: 'low' as const }))
  }

  /** What version control says about the file: who must approve changes, and who wrote it. */
  #fileClaims(file: string): Claim[] {
    const claims = this.#owners(file).map(({ owner, place, key }) =>
      this.#claim(this.#readHandle(owner, place), { raw: owner, via: 'codeowners', key, place, isInherited: true }),
    )
    const history = this.#history.get(file)
    if (history) {
      const authors = new Map(
        [history.changed, ...(history.created ? [history.created] : [])].map((one) => [one.email.toLowerCase(), one]),
      )
      for (const one of authors.values()) {
        const verb = one === history.created ? 'created' : 'last changed'
        claims.push(
          this.#claim(
            { reading: 'person' },
            {
              raw: one.author,
              via: 'history',
              key: `${verb} ${one.at.slice(0, 10)}`,
              place: { file, line: 1 },
              isInherited: true,
            },
          ),
        )
      }
    }
    return claims
  }

  #owners(file: string): { owner: string; place: Place; key: string }[] {
    const governing = this.#codeowners.find((one) => isInside(file, one.root))
    const match = governing ? ownersOf(governing, file) : null
    if (!governing || !match) return []
    return match.owners.map((owner) => ({
      owner,
      place: { file: governing.file, line: match.line },
      key: `CODEOWNERS ${match.pattern}`,
    }))
  }

  #readHandle(owner: string, place: Place): Reading {
    if (owner.startsWith('@') && !isTeamHandle(owner)) return { reading: 'person' }
    return isTeamHandle(owner)
      ? this.#directory.readTeam(owner, 'codeowners', place)
      : this.#directory.readOwner(owner, 'codeowners', place)
  }

  #approversOf(file: string): ReachingController[] {
    return this.#owners(file).map(({ owner, place, key }) => {
      const reading = this.#readHandle(owner, place)
      return {
        team: reading.reading === 'team' ? reading.team : null,
        raw: owner,
        kind: isTeamHandle(owner) ? ('group' as const) : ('person' as const),
        power: 'approve' as const,
        via: key,
        ...place,
        isEverywhere: false,
      }
    })
  }

  #controllersOfScope(scope: Scope): ReachingController[] {
    const known = this.#scopeControllers.get(scope.key)
    if (known) return known
    const everywhere = scope.ref.kind === 'kubernetes-namespace' ? (this.#realmControls.get(scope.ref.realm) ?? []) : []
    const controllers = [
      ...(this.#scopeControls.get(scope.key) ?? []).map((control) => this.#controller(control, false)),
      ...everywhere.map((control) => this.#controller(control, true)),
    ]
    this.#scopeControllers.set(scope.key, controllers)
    return controllers
  }

  #controller(control: ControlObserved, isEverywhere: boolean): ReachingController {
    const team = control.holder.kind === 'group' ? this.#directory.groupId(control.holder.raw) : null
    return {
      team,
      raw: control.holder.raw,
      kind: control.holder.kind,
      power: control.power,
      via: control.via,
      ...control.place,
      isEverywhere,
    }
  }

  #claim(
    reading: Reading,
    about: { raw: string; via: ClaimVia; key: string; place: Place; isInherited: boolean },
  ): Claim {
    return {
      team: reading.reading === 'team' ? reading.team : null,
      raw: about.raw,
      reading: reading.reading,
      candidates: reading.reading === 'ambiguous' ? reading.candidates : [],
      via: about.via,
      key: about.key,
      isInherited: about.isInherited,
      file: about.place.file,
      line: about.place.line,
      confidence: reading.reading === 'team' ? reading.confidence : 'low',
    }
  }
}

/** A path that only rules for the whole repository match: whoever owns its CODEOWNERS file owns that file. */
function anyFileOf({ ref }: Scope): string {
  return ref.realm === '' ? NO_FILE : `${ref.realm}/${NO_FILE}`
}

function push<T>(index: Map<string, T[]>, key: string, value: T): void {
  const list = index.get(key)
  if (list) list.push(value)
  else index.set(key, [value])
}
