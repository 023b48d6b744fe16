import type { ReactElement, ReactNode } from 'react'
import type { Reply } from '../../api.ts'
import { CopyText, PlaceText } from '../../ui/evidence.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { SafeLink } from '../../ui/safe-link.tsx'
import css from './teams.module.css'

/** How the team is reached, who is in it, and by which spellings it was recognised. */
export function TeamAbout({ team }: { team: Reply<'team'> }): ReactElement {
  return (
    <div className={css['about']}>
      <Part title="Contacts" missing="No address or channel is known.">
        {team.contacts.map((contact) => (
          <li key={contact} className={css['contact']}>
            <SafeLink to={contact} />
            <CopyText text={contact} what={`contact ${contact}`} />
          </li>
        ))}
      </Part>
      <Part title="Members" missing="No member is known.">
        {team.members.map((member) => (
          <li key={member}>
            <FoundText>{member}</FoundText>
          </li>
        ))}
      </Part>
      <Part title="Spellings met" missing="None.">
        {team.spellings.map((spelling) => (
          <li key={spelling}>
            <FoundText mono>{spelling}</FoundText>
          </li>
        ))}
      </Part>
      <Part title="Known from" missing="No evidence is kept.">
        {team.evidence.slice(0, MOST_EVIDENCE).map((place, index) => (
          <li key={index}>
            <span className="faint small">
              <FoundText>{place.via}</FoundText>
            </span>{' '}
            <PlaceText place={place} />
          </li>
        ))}
      </Part>
    </div>
  )
}

/** A busy team is named in thousands of files; these are enough to see what was matched. */
const MOST_EVIDENCE = 50

function Part({ title, missing, children }: { title: string; missing: string; children: ReactNode[] }): ReactElement {
  return (
    <section className="stack">
      <h2>{title}</h2>
      {children.length === 0 ? <p className="faint">{missing}</p> : <ul className={css['list']}>{children}</ul>}
    </section>
  )
}
