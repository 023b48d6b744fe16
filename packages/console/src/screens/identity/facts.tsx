import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Grant, Identity } from '@onus/core/identity.ts'
import { PlaceText } from '../../ui/evidence.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { SafeLink } from '../../ui/safe-link.tsx'
import { Section, useFirst } from './section.tsx'
import css from './identity.module.css'

const ADMIN_WORDS: Record<string, string> = {
  yes: 'It is an administrator.',
  conditional: 'It is an administrator under conditions.',
  no: 'It is no administrator.',
  unknown: 'Whether it is an administrator could not be computed.',
}

/** What it may do, in effect and line by line. */
export function AccessSection({ identity }: { identity: Identity }): ReactElement | null {
  const { grants, access, trusts } = identity
  if (grants.length + trusts.length === 0 && access === null) return null
  return (
    <Section title="What it may do" aside={grants.length === 0 ? undefined : `${grants.length} grants`}>
      {access !== null && (
        <div className={css['disagreement']} data-calm={access.admin === 'no' && access.escalations.length === 0}>
          <p>
            <strong>{ADMIN_WORDS[access.admin]}</strong>
          </p>
          {access.escalations.map((way) => (
            <p key={way.path}>
              It can raise its own rights: <FoundText>{way.path}</FoundText> (<FoundText mono>{way.permissions.join(', ')}</FoundText>)
              {way.condition !== null && (
                <>
                  {' '}
                  if <FoundText mono>{way.condition}</FoundText>
                </>
              )}
            </p>
          ))}
        </div>
      )}
      {grants.length > 0 && <Grants grants={grants} />}
      {trusts.length > 0 && <Trusts identity={identity} />}
    </Section>
  )
}

function Grants({ grants }: { grants: Grant[] }): ReactElement {
  const { shown, more } = useFirst(grants)
  return (
    <>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Grants, scrolls sideways">
        <table className={css['wide']}>
          <thead>
            <tr>
              <th scope="col">Level</th>
              <th scope="col">Permission</th>
              <th scope="col">Resource</th>
              <th scope="col">Environment</th>
              <th scope="col">Through</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((grant, index) => (
              <tr key={index}>
                <td className={grant.level === 'admin' ? 'red nowrap' : 'nowrap'}>
                  {grant.level === 'unknown' ? 'not known' : grant.level}
                  {grant.isWildcard && ', wildcard'}
                </td>
                <td>
                  <FoundText mono>{grant.permission}</FoundText>
                </td>
                <td>
                  <FoundText mono>{grant.resource}</FoundText>
                  {grant.condition !== null && (
                    <div className="small soft">
                      if <FoundText mono>{grant.condition}</FoundText>
                    </div>
                  )}
                </td>
                <td>{grant.environment === null ? <span className="faint">–</span> : <FoundText>{grant.environment}</FoundText>}</td>
                <td>
                  <FoundText>{grant.via}</FoundText>
                  <div>
                    <PlaceText place={grant} />
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more}
    </>
  )
}

function Trusts({ identity }: { identity: Identity }): ReactElement {
  return (
    <div className="stack">
      <h3>Who outside may become it</h3>
      <ul className="stack">
        {identity.trusts.map((trust, index) => (
          <li key={index}>
            <SafeLink to={trust.issuer} /> as{' '}
            {trust.subjects.length === 0 ? <strong className="red">any subject</strong> : <FoundText mono>{trust.subjects.join(', ')}</FoundText>}
            {trust.audiences.length > 0 && (
              <span className="soft">
                {' '}
                for <FoundText mono>{trust.audiences.join(', ')}</FoundText>
              </span>
            )}{' '}
            <PlaceText place={trust} />
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Who runs as it. */
export function UsesSection({ identity }: { identity: Identity }): ReactElement | null {
  const { shown, more } = useFirst(identity.uses)
  if (identity.uses.length === 0) return null
  return (
    <Section title="Used by" aside={`${identity.uses.length}`}>
      <ul className={css['uses']}>
        {shown.map((use, index) => (
          <li key={index}>
            <span className="faint">{use.kind}</span> <FoundText>{use.name}</FoundText>
            {use.namespace !== null && use.namespace !== identity.namespace && (
              <>
                {' '}
                in{' '}
                <Link to="/identities" search={{ namespace: use.namespace }}>
                  <FoundText>{use.namespace}</FoundText>
                </Link>
              </>
            )}{' '}
            <PlaceText place={use} />
          </li>
        ))}
      </ul>
      {more}
    </Section>
  )
}

/** Tags as written: conventions nobody mapped yet may hide in them. */
export function TagsSection({ tags }: { tags: Record<string, string> }): ReactElement | null {
  const all = Object.entries(tags)
  const { shown, more } = useFirst(all)
  if (all.length === 0) return null
  return (
    <Section title="Tags as written" aside={`${all.length}`}>
      <dl className={css['tags']}>
        {shown.map(([key, value]) => (
          <div key={key}>
            <dt>
              <FoundText mono>{key}</FoundText>
            </dt>
            <dd>
              <SafeLink to={value} />
            </dd>
          </div>
        ))}
      </dl>
      {more}
    </Section>
  )
}
