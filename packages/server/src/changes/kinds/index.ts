/** Every kind of change that there is. */
import type { ChangeContent } from '@onus/core/change/content.ts'
import { prepareCredential } from './credential.ts'
import { prepareException } from './exception.ts'
import { prepareFunction } from './function.ts'
import { prepareGuardrail } from './guardrail.ts'
import type { Asking, Prepared } from './kind.ts'
import { prepareOwnership } from './ownership.ts'
import { preparePower } from './power.ts'
import { prepareScope } from './scope.ts'

export type { Applying, Asking, Prepared } from './kind.ts'

/** What a change would do in the world of now. In a transaction that has locked what it is about, it stays true. */
export function prepare(content: ChangeContent, asking: Asking): Promise<Prepared> {
  switch (content.kind) {
    case 'scope':
      return prepareScope(content, asking)
    case 'credential':
      return prepareCredential(content, asking)
    case 'function':
      return prepareFunction(content, asking)
    case 'guardrail':
      return prepareGuardrail(content, asking)
    case 'exception':
      return prepareException(content, asking)
    case 'power':
      return preparePower(content, asking)
    case 'ownership':
      return prepareOwnership(content, asking)
  }
}

/** The identities that a change names. */
export function identitiesOf(content: ChangeContent): string[] {
  if ('identity' in content) return [content.identity]
  return content.kind === 'ownership' ? content.identities : []
}
