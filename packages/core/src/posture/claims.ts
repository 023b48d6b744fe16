/** Which claims a rule may speak about, and where: a statement is reported once, where it stands. */
import type { Accountability, Claim, Identity } from '../identity.ts'
import type { OwnedScope } from '../owned-scope.ts'
import type { Estate, IdentityRule, Judgement } from './rule.ts'
import { nameOf, nameOfScope } from './wording.ts'

/** Says who answers, rather than who approves a change (codeowners) or who typed it (history, creator). */
export function isStatement(claim: Claim): boolean {
  return claim.via !== 'codeowners' && claim.via !== 'history' && claim.via !== 'creator'
}

/**
 * An identity repeats what its namespace or repository says, and one wrong label would become a thousand findings. So
 * rules about the wording of a statement report it on the subject it was made about. The identity's own state
 * (`unowned`, `split`) is always reported on the identity too: it is what the identity suffers from.
 */
function isSaidOf(identity: Identity, claim: Claim): boolean {
  return !claim.isInherited || (claim.via === 'catalog' && identity.namespace === null)
}

/** CODEOWNERS speaks for the repository; for a namespace it is only the file around it. */
function isSaidOfScope(scope: OwnedScope, claim: Claim): boolean {
  return !claim.isInherited || claim.via === 'catalog' || scope.kind === 'repository'
}

/** A subject with what is said about it. `name` is made on demand: most rules find most subjects fine. */
export type Stated = {
  accountability: Accountability
  isProduction: boolean | null
  isSaidHere(claim: Claim): boolean
  name(): string
}

/** The judges of a rule about the wording of statements, which is the same for identities and scopes. */
export function ofStatements(
  judgement: (stated: Stated, estate: Estate) => readonly Judgement[],
): Required<Pick<IdentityRule, 'judge' | 'judgeScope'>> {
  return {
    judge: (identity, estate) => {
      const { accountability, isProduction } = identity
      const isSaidHere = (claim: Claim): boolean => isSaidOf(identity, claim)
      return judgement({ accountability, isProduction, isSaidHere, name: () => nameOf(identity) }, estate)
    },
    judgeScope: (scope, estate) => {
      const { accountability, isProduction } = scope
      const isSaidHere = (claim: Claim): boolean => isSaidOfScope(scope, claim)
      return judgement({ accountability, isProduction, isSaidHere, name: () => nameOfScope(scope) }, estate)
    },
  }
}
