/** The fields of each kind of change. A form tells its content when it is complete, else null. */
import { useEffect } from 'react'
import type { ReactElement } from 'react'
import type { ChangeContent, ChangeKind, ContentOf } from '@onus/core/change/content.ts'
import type { NewChangeSearch } from '../search.ts'
import { CredentialForm } from './credential-form.tsx'
import { ExceptionForm } from './exception-form.tsx'
import { FunctionForm } from './function-form.tsx'
import { GuardrailForm } from './guardrail-form.tsx'
import { OwnershipForm } from './ownership-form.tsx'
import { PowerForm } from './power-form.tsx'
import { ScopeForm } from './scope-form.tsx'

export type FormProps<K extends ChangeKind> = {
  search: NewChangeSearch
  initial: ContentOf<K> | null
  onContent(content: ChangeContent | null): void
}
type Props = { kind: ChangeKind; search: NewChangeSearch; initial: ChangeContent | null; onContent(content: ChangeContent | null): void }

export function ContentForm({ kind, initial, ...rest }: Props): ReactElement {
  /** What is edited, if it is of this kind; it always is. */
  const of = <K extends ChangeKind>(wanted: K): ContentOf<K> | null => (initial?.kind === wanted ? (initial as ContentOf<K>) : null)
  switch (kind) {
    case 'scope':
      return <ScopeForm {...rest} initial={of('scope')} />
    case 'credential':
      return <CredentialForm {...rest} initial={of('credential')} />
    case 'ownership':
      return <OwnershipForm {...rest} initial={of('ownership')} />
    case 'exception':
      return <ExceptionForm {...rest} initial={of('exception')} />
    case 'guardrail':
      return <GuardrailForm {...rest} initial={of('guardrail')} />
    case 'function':
      return <FunctionForm {...rest} initial={of('function')} />
    case 'power':
      return <PowerForm {...rest} initial={of('power')} />
  }
}

/** Tells the content whenever it says something else. */
export function useTold(content: ChangeContent | null, onContent: (content: ChangeContent | null) => void): void {
  const text = JSON.stringify(content)
  useEffect(() => onContent(content), [text, onContent])
}
