import type { ReactElement } from 'react'
import type { Credential, KnownDate } from '@onus/core/identity.ts'
import { PlaceText } from '../../ui/evidence.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { Day } from '../../ui/moment.tsx'
import { Section, useFirst } from './section.tsx'
import css from './identity.module.css'

/** What it proves itself with. Values are never stored, so there is nothing to show or to leak. */
export function CredentialsSection({ credentials }: { credentials: Credential[] }): ReactElement | null {
  const { shown, more } = useFirst(credentials)
  if (credentials.length === 0) return null
  return (
    <Section title="Credentials" aside={`${credentials.length}`}>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Credentials, scrolls sideways">
        <table className={css['wide']}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Created</th>
              <th scope="col">Rotated</th>
              <th scope="col">Expires</th>
              <th scope="col">Last used</th>
              <th scope="col">Kept in</th>
              <th scope="col">Taken back by</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((credential) => (
              <CredentialLine key={credential.id} credential={credential} />
            ))}
          </tbody>
        </table>
      </div>
      {more}
    </Section>
  )
}

function CredentialLine({ credential }: { credential: Credential }): ReactElement {
  const { dates } = credential
  return (
    <tr>
      <td className={css['credentialName']}>
        <FoundText>{credential.name}</FoundText>
        <div className="faint small">
          {credential.kind.replaceAll('-', ' ')}
          {credential.isActive === false && ', inactive'}
        </div>
        <PlaceText place={credential} />
      </td>
      <td>
        <DateText date={dates.created} />
      </td>
      <td>
        <DateText date={dates.rotated} never="never rotated" />
      </td>
      <td>{credential.neverExpires === true ? <span className="red">never expires</span> : <DateText date={dates.expires} />}</td>
      <td>
        <DateText date={dates.lastUsed} never="never used" />
      </td>
      <td>
        {credential.kept.length === 0 && <span className="faint">not known</span>}
        {credential.kept.map((kept, index) => (
          <div key={index}>
            <FoundText>{kept.name}</FoundText> <span className="faint small">{kept.kind.replaceAll('-', ' ')}</span>
          </div>
        ))}
      </td>
      <td>{credential.revocation === null ? <span className="red">not known</span> : <FoundText mono>{credential.revocation}</FoundText>}</td>
    </tr>
  )
}

/** A date, or why there is none: a placeholder and an unreadable date are different from silence. */
export function DateText({ date, never = 'never' }: { date: KnownDate; never?: string }): ReactElement {
  switch (date.state) {
    case 'at':
      return <Day at={date.at} />
    case 'never':
      return (
        <span className="red" title={`written as ${date.raw}`}>
          {never}
        </span>
      )
    case 'unreadable':
      return (
        <span className="red">
          unreadable: <FoundText mono>{date.raw}</FoundText>
        </span>
      )
    case 'unknown':
      return <span className="faint">not known</span>
  }
}
