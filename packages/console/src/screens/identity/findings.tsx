import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Finding } from '@onus/core/finding.ts'
import { EvidenceList } from '../../ui/evidence.tsx'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import { SeverityBadge } from '../../ui/severity.tsx'
import { SEVERITY_ORDER } from '../../ui/words.ts'
import type { Detail } from './identity-screen.tsx'
import { Section, useFirst } from './section.tsx'
import css from './identity.module.css'

/** What is wrong with the fix, and apart from it what could not be judged. */
export function FindingsSection({ detail }: { detail: Detail }): ReactElement {
  const worst = detail.findings.toSorted((a, b) => SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity))
  const { shown, more } = useFirst(worst)
  return (
    <Section title="Findings" aside={detail.findings.length === 0 ? undefined : `${detail.findings.length}`}>
      {detail.findings.length === 0 ? (
        <p className="soft">No rule that had the facts it needs found anything.</p>
      ) : (
        <ul className={css['findings']}>
          {shown.map((finding) => (
            <FindingItem key={finding.id} finding={finding} identity={detail.identity.id} />
          ))}
        </ul>
      )}
      {more}
      {detail.unknowns.length > 0 && <Unknowns unknowns={detail.unknowns} />}
    </Section>
  )
}

function FindingItem({ finding, identity }: { finding: Finding; identity: string }): ReactElement {
  return (
    <li className={css['finding']}>
      <SeverityBadge severity={finding.severity} />
      <div className={css['findingBody']}>
        <p className={css['findingTitle']}>
          <Link to="/findings/list" search={{ rule: finding.rule }}>
            <FoundText>{finding.title}</FoundText>
          </Link>
        </p>
        <p>
          <Sentence>{finding.detail}</Sentence>
        </p>
        <p className="soft">
          <strong>Fix:</strong> <Sentence>{finding.fix}</Sentence>
        </p>
        <EvidenceList places={finding.evidence} />
        <p className="small">
          <Link to="/changes/new" search={{ kind: 'exception', identity, rule: finding.rule }}>
            Ask for an exception<span className="visually-hidden"> from {finding.title}</span>
          </Link>
        </p>
      </div>
    </li>
  )
}

function Unknowns({ unknowns }: { unknowns: Finding[] }): ReactElement {
  return (
    <div className={css['unknowns']}>
      <h3>Could not be judged</h3>
      <ul className="stack">
        {unknowns.map((unknown) => (
          <li key={unknown.id}>
            <FoundText>{unknown.title}</FoundText>{' '}
            <span className="soft">
              <Sentence>{unknown.detail}</Sentence>
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
