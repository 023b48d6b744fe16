import type { Credential, CredentialKind, Identity } from '../../identity.ts'
import { READER_TAGS, readerList } from '../../reader-tags.ts'
import { isLive } from '../credential-age.ts'
import { FINE, type CredentialRule } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { nameOf, quote } from '../wording.ts'

/** Kinds by which one signs in to a cloud → the cloud, as pipelines' tags name it. */
const CLOUD_KEYS: Partial<Record<CredentialKind, string>> = {
  'access-key': 'aws',
  'service-account-key': 'google',
  'client-secret': 'azure',
}

/** High: every workflow change can read it out, it outlives the run, and federation has replaced it for years. */
export const staticKeyInCi: CredentialRule = {
  id: 'static-key-in-ci',
  about: 'credential',
  title: 'A long-lived cloud key is kept in CI',
  severity: 'high',
  needs: ['what a CI secret opens'],
  fix: 'Let the pipeline sign in with its OIDC token, then delete the stored key at its issuer.',
  maps: { owaspNhi: ['NHI6:2025', 'NHI7:2025'], csf: ['PR.AA-03', 'PR.AA-01'] },
  judge: (credential, identity) => {
    const ciStore = credential.kept.find((kept) => kept.kind === 'github-secret' || kept.kind === 'gitlab-variable')
    if (identity.kind !== 'ci-workload' && ciStore === undefined) return FINE
    if (!isLive(credential, identity)) return FINE
    const cloud = CLOUD_KEYS[credential.kind]
    if (cloud === undefined) {
      if (credential.kind !== 'ci-secret') return FINE
      const title = `What the CI secret ${quote(credential.name)} of ${nameOf(identity)} opens is not known`
      const missing = 'Only its name is visible; whether it is a long-lived key of a cloud cannot be told from it.'
      return [{ verdict: 'unknown', title, missing, evidence: [credential] }]
    }
    const where = ciStore === undefined ? 'in the pipeline itself' : `as ${ciStore.kind} ${quote(ciStore.name)}`
    return [
      {
        verdict: 'fail',
        title: `The ${credential.kind} ${quote(credential.name)} of ${nameOf(identity)} is kept in CI`,
        detail: `It is kept ${where}. ${oidcNote(cloud, credential, identity)}`,
        evidence: [credential],
        severity: inPlace('high', identity),
      },
    ]
  },
}

function oidcNote(cloud: string, credential: Credential, identity: Identity): string {
  const note = readerList(identity.tags, READER_TAGS.staticCloudKeysOidc).find((one) => one.startsWith(`${cloud}: `))
  if (note !== undefined) return `OIDC federation instead of the key: ${note.slice(cloud.length + 2)}.`
  if (credential.kept.some((kept) => kept.kind === 'github-secret'))
    return 'OIDC federation is available to every GitHub workflow.'
  return 'Whether OIDC federation was available is not visible.'
}
