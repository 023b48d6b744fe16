import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Claim, Controller } from '@onus/core/identity.ts'
import { PlaceText } from '../../ui/evidence.tsx'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import { DISAGREEMENT_WORDS, POWER_WORDS, READING_WORDS, VIA_WORDS } from '../../ui/words.ts'
import { Decided } from './decision.tsx'
import type { Detail } from './identity-screen.tsx'
import { Section, useFirst } from './section.tsx'
import css from './identity.module.css'

/** Who is said to answer and who can technically change it, side by side: where they differ, ownership is split. */
export function AccountabilitySection({ detail }: { detail: Detail }): ReactElement {
  const { claims, controllers, disagreement } = detail.identity.accountability
  return (
    <Section title="Who answers">
      <Decided detail={detail} />
      {disagreement !== null && (
        <div className={css['disagreement']}>
          <p>
            <strong>{disagreement.kinds.map((kind) => DISAGREEMENT_WORDS[kind]).join('; ')}.</strong>
          </p>
          <p>
            <Sentence>{disagreement.explanation}</Sentence>
          </p>
        </div>
      )}
      <div className={css['halves']}>
        <Claims detail={detail} claims={claims} />
        <Controllers detail={detail} controllers={controllers} />
      </div>
    </Section>
  )
}

function Claims({ detail, claims }: { detail: Detail; claims: Claim[] }): ReactElement {
  const { shown, more } = useFirst(claims, 12)
  return (
    <div>
      <h3>Said to answer, strongest first</h3>
      {claims.length === 0 ? (
        <p className="red">No label, tag, catalog entry, CODEOWNERS rule or commit says who answers.</p>
      ) : (
        <ol className={css['claims']}>
          {shown.map((claim, index) => (
            <li key={`${index} ${claim.file}`} className={css['claim']}>
              <div className={css['claimHead']}>
                <ClaimedTeam detail={detail} claim={claim} />
                <span className="faint small nowrap">
                  {VIA_WORDS[claim.via]}, {claim.confidence} confidence
                </span>
              </div>
              <div className="small soft">
                <FoundText mono>{claim.key}</FoundText>
                {claim.isInherited && ', about what surrounds it'}
                {claim.reading !== 'team' && <span className="red">, {READING_WORDS[claim.reading]}</span>}
              </div>
              <PlaceText place={claim} />
            </li>
          ))}
        </ol>
      )}
      {more}
    </div>
  )
}

function ClaimedTeam({ detail, claim }: { detail: Detail; claim: Claim }): ReactElement {
  const team = detail.teams.find((known) => known.id === claim.team)
  return (
    <span className={css['claimTeam']}>
      {team ? (
        <Link to="/teams/$id" params={{ id: team.id }}>
          <FoundText>{team.name}</FoundText>
        </Link>
      ) : (
        <FoundText>{claim.raw}</FoundText>
      )}
      {team && team.name !== claim.raw && (
        <span className="faint small">
          {' '}
          written <FoundText>{claim.raw}</FoundText>
        </span>
      )}
    </span>
  )
}

function Controllers({ detail, controllers }: { detail: Detail; controllers: Controller[] }): ReactElement {
  const { shown, more } = useFirst(controllers, 12)
  return (
    <div>
      <h3>Can technically change it</h3>
      {controllers.length === 0 ? (
        <p className="soft">No binding or approval rule over it was seen, so who can change it is not known.</p>
      ) : (
        <ul className={css['claims']}>
          {shown.map((controller, index) => {
            const team = detail.teams.find((known) => known.id === controller.team)
            return (
              <li key={`${index} ${controller.raw}`} className={css['claim']}>
                <div className={css['claimHead']}>
                  <span className={css['claimTeam']}>
                    {team ? (
                      <Link to="/teams/$id" params={{ id: team.id }}>
                        <FoundText>{team.name}</FoundText>
                      </Link>
                    ) : (
                      <FoundText>{controller.raw}</FoundText>
                    )}
                  </span>
                  <span className="faint small nowrap">{controller.kind}</span>
                </div>
                <div className="small soft">
                  {POWER_WORDS[controller.power]} (<FoundText>{controller.via}</FoundText>)
                </div>
                <PlaceText place={controller} />
              </li>
            )
          })}
        </ul>
      )}
      {more}
    </div>
  )
}
