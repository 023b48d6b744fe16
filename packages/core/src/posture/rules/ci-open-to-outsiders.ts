import { READER_TAGS, readerList } from '../../reader-tags.ts'
import { FINE, type IdentityRule } from '../rule.ts'
import { lowered } from '../severity.ts'
import { nameOf, placeOf, quoteSome } from '../wording.ts'

/** Events that also hand over code or text of the outsider; the others only start what is already there. */
const HANDS_OVER_CODE: ReadonlySet<string> = new Set(['pull_request_target', 'workflow_run'])

/** High where the event brings an outsider's code near the secrets; one step lower where it brings only text. */
export const ciOpenToOutsiders: IdentityRule = {
  id: 'ci-open-to-outsiders',
  about: 'identity',
  title: 'Outsiders can start a pipeline that holds credentials',
  severity: 'high',
  needs: ['the events that start the pipeline, and its credentials'],
  fix: 'Start it by trusted events only, or move what outsiders may start into a pipeline without credentials.',
  maps: { owaspNhi: ['NHI6:2025'], csf: ['PR.PS-06', 'PR.AA-05'] },
  judge: (identity) => {
    const events = readerList(identity.tags, READER_TAGS.outsiderTriggers)
    if (events.length === 0) return FINE
    if (identity.credentials.length === 0 && identity.tags[READER_TAGS.inheritsSecrets] !== 'true') return FINE
    return [
      {
        verdict: 'fail',
        title: `Outsiders can start ${nameOf(identity)}, which holds credentials`,
        detail: `Started by ${quoteSome(events)}, which people without write access can cause.`,
        evidence: [placeOf(identity), ...identity.credentials],
        severity: events.some((event) => HANDS_OVER_CODE.has(event)) ? 'high' : lowered('high'),
      },
    ]
  },
}
