import { isLive } from '../credential-age.ts'
import { FINE, type CredentialRule } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { nameOf, quote } from '../wording.ts'

/** Critical: everybody who can read the repository, or ever could, has it; deleting the line does not take it back. */
export const secretInFile: CredentialRule = {
  id: 'secret-in-file',
  about: 'credential',
  title: 'A credential is written into a file',
  severity: 'critical',
  needs: ['where the credential is kept'],
  fix: 'Revoke it at its issuer, make a new one, and keep that in a secret manager.',
  maps: { owaspNhi: ['NHI2:2025'], csf: ['PR.DS-01', 'PR.AA-01'] },
  judge: (credential, identity) => {
    const file = credential.kept.find((kept) => kept.kind === 'file')
    if (file === undefined || !isLive(credential, identity)) {
      const isAskable = credential.kept.some((kept) => kept.kind === 'unknown') && isLive(credential, identity)
      if (!isAskable) return FINE
      const title = `Where the ${credential.kind} ${quote(credential.name)} of ${nameOf(identity)} is kept is not known`
      return [
        {
          verdict: 'unknown',
          title,
          missing: 'Its source does not show where the value is kept.',
          evidence: [credential],
        },
      ]
    }
    return [
      {
        verdict: 'fail',
        title: `The ${credential.kind} ${quote(credential.name)} of ${nameOf(identity)} is written into a file`,
        detail: `It stands in ${quote(file.name)} and in its history.`,
        evidence: [credential],
        severity: inPlace('critical', identity),
      },
    ]
  },
}
