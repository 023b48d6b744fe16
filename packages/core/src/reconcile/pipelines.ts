/** Pipelines that Terraform equips with secrets and workflow files that use them: which are one. */
import type { CredentialObserved, IdentityObserved } from '../observation.ts'
import type { ReconcileOptions } from './index.ts'
import type { Sorted } from './sort.ts'

/**
 * Finds the workflow that a repository's pipeline means. A repository is known by the name of the directory that holds
 * its workflows, or by its origin; exactly one must have the name. Of its workflows the only one is meant, else the only
 * one that uses a secret of the pipeline; where several do, the pipeline stays what they share.
 */
export class Pipelines {
  /** lower-case name of a repository, without its organisation → the roots that are called so */
  readonly #roots = new Map<string, { root: string; name: string }[]>()
  readonly #workflows = new Map<string, IdentityObserved[]>()
  readonly #secrets = new Map<string, Set<string>>()

  constructor(seen: Sorted, options: ReconcileOptions) {
    for (const identity of seen.identity) {
      const { system, realm, path } = identity.ref
      if (!identity.isDefined || system !== 'github' || !path.startsWith('workflow/')) continue
      const known = this.#workflows.get(realm)
      if (known) known.push(identity)
      else {
        this.#workflows.set(realm, [identity])
        this.#name(realm, options)
      }
    }
    if (this.#workflows.size === 0) return
    for (const credential of seen.credential) {
      const key = keyOf(credential.identity)
      const names = this.#secrets.get(key) ?? new Set()
      this.#secrets.set(key, names)
      for (const name of secretNames(credential)) names.add(name)
    }
  }

  /** null when none can be told. */
  workflowOf(pipeline: IdentityObserved): IdentityObserved | null {
    if (pipeline.creates?.system !== 'github') return null
    const named = (this.#roots.get(lastOf(pipeline.creates.name)) ?? []).filter(({ name }) =>
      isOneName(name, pipeline.creates?.name ?? ''),
    )
    const [only] = named
    if (!only || named.length > 1) return null
    const workflows = this.#workflows.get(only.root) ?? []
    const own = [...(this.#secrets.get(keyOf(pipeline.ref)) ?? [])]
    const using = workflows.filter(({ ref }) => own.some((name) => this.#secrets.get(keyOf(ref))?.has(name)))
    return (workflows.length === 1 ? workflows[0] : using.length === 1 ? using[0] : null) ?? null
  }

  #name(root: string, options: ReconcileOptions): void {
    // A stated name is better than a directory's, which anybody chooses for their checkout.
    const stated = options.nameOfRoot?.(root) ?? root
    const name = stated === '.' || stated === '' ? root : stated
    if (name === '') return
    const key = lastOf(name)
    const isStated = stated !== root
    const entry = { root, name: isStated ? name : lastOf(name) }
    this.#roots.set(key, [...(this.#roots.get(key) ?? []), entry])
  }
}

/** The names under which GitHub keeps a credential, in upper case: it knows no other. */
function secretNames({ kept }: CredentialObserved): string[] {
  return kept.flatMap((one) => (one.kind === 'github-secret' ? [secretName(one.name)] : []))
}

/** Terraform's reader writes `repository: NAME`. */
export function secretName(kept: string): string {
  return kept
    .slice(kept.lastIndexOf(':') + 1)
    .trim()
    .toUpperCase()
}

function isOneName(a: string, b: string): boolean {
  const hasBoth = a.includes('/') && b.includes('/')
  return hasBoth ? a.toLowerCase() === b.toLowerCase() : lastOf(a) === lastOf(b)
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).toLowerCase()
}

function keyOf({ system, realm, path }: IdentityObserved['ref']): string {
  return JSON.stringify([system, realm, path])
}
