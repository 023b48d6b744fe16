import { READER_TAGS } from '../../reader-tags.ts'
import { FINE, type IdentityRule } from '../rule.ts'
import { inPlace, lowered } from '../severity.ts'
import { nameOf, placeOf } from '../wording.ts'

/** Systems whose exports show whether an account has a console password. */
const SHOWS_PASSWORDS: ReadonlySet<string> = new Set(['aws'])

/** High without a second factor, medium with one: people act under its name, and its traces name nobody. */
export const consolePassword: IdentityRule = {
  id: 'console-password',
  about: 'identity',
  title: 'People can sign in as it',
  severity: 'high',
  needs: ['the credential report of the account'],
  fix: 'Delete its password; let people sign in as themselves and assume a role.',
  maps: { owaspNhi: ['NHI10:2025'], csf: ['PR.AA-02', 'PR.AA-03'] },
  judge: (identity) => {
    const password = identity.tags[READER_TAGS.consolePassword]
    if (password === 'true') {
      const hasSecondFactor = identity.tags[READER_TAGS.mfa] === 'true'
      return [
        {
          verdict: 'fail',
          title: `People can sign in as ${nameOf(identity)}`,
          detail: `It has a console password ${hasSecondFactor ? 'with' : 'without'} a second factor, as people have.`,
          evidence: [placeOf(identity)],
          severity: inPlace(hasSecondFactor ? lowered('high') : 'high', identity),
        },
      ]
    }
    if (password !== undefined || !SHOWS_PASSWORDS.has(identity.source.system) || !isUser(identity.credentials))
      return FINE
    const missing = 'The credential report of its account was not read.'
    return [
      {
        verdict: 'unknown',
        title: `Whether people can sign in as ${nameOf(identity)} is not known`,
        missing,
        evidence: [placeOf(identity)],
      },
    ]
  },
}

/** Only users have access keys or passwords; roles have neither. */
function isUser(credentials: readonly { kind: string }[]): boolean {
  return credentials.some((credential) => credential.kind === 'access-key' || credential.kind === 'password')
}
