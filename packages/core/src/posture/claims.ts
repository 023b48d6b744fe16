/** Which claims a rule may speak about, and where: a statement is reported once, where it stands. */
import type { Claim, Identity } from '../identity.ts'
import type { OwnedScope } from '../owned-scope.ts'

/** Says who answers, rather than who approves a change (codeowners) or who typed it (history, creator). */
export function isStatement(claim: Claim): boolean {
  return claim.via !== 'codeowners' && claim.via !== 'history' && claim.via !== 'creator'
}

/**
 * An identity repeats what its namespace or repository says, and one wrong label would become a thousand findings. So
 * rules about the wording of a statement report it on the subject it was made about. The identity's own state
 * (`unowned`, `split`) is always reported on the identity too: it is what the identity suffers from.
 */
export function isSaidOf(identity: Identity, claim: Claim): boolean {
  return !claim.isInherited || (claim.via === 'catalog' && identity.namespace === null)
}

/** CODEOWNERS speaks for the repository; for a namespace it is only the file around it. */
export function isSaidOfScope(scope: OwnedScope, claim: Claim): boolean {
  return !claim.isInherited || claim.via === 'catalog' || scope.kind === 'repository'
}
