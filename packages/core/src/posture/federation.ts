/** What a federation trust leaves open: who else but the intended caller could present a token that it accepts. */
import { SEVERITIES, type Severity } from '../finding.ts'
import type { Trust } from '../identity.ts'
import { quote } from './wording.ts'

export type Weakness = { severity: Severity; text: string }

const GITHUB = 'token.actions.githubusercontent.com'
const GITLAB = 'gitlab.com'

/**
 * Issuers that serve every customer of a public service under one name: without a subject, any of them gets in.
 * Issuers of one cluster, workspace or organisation (EKS, CircleCI, Bitbucket) vouch for their own workloads only.
 */
const PUBLIC_ISSUERS: ReadonlySet<string> = new Set([
  GITHUB,
  GITLAB,
  'app.terraform.io',
  'agent.buildkite.com',
  'accounts.google.com',
  'cognito-identity.amazonaws.com',
  'oidc.vercel.com',
  'api.pulumi.com/oidc',
])

/** Their audience names the one client or pool that is meant, so it takes the place of a subject. */
const NAMED_BY_AUDIENCE: ReadonlySet<string> = new Set(['accounts.google.com', 'cognito-identity.amazonaws.com'])

const UNRESOLVED = /\$\{|^(?:var|local|data|module|each)\./

/** The part of the trust that the reader could not resolve (a variable of Terraform), or null. */
export function unresolvedPart({ issuer, subjects }: Trust): string | null {
  if (issuer === '') return 'its issuer'
  const open = [issuer, ...subjects].find((text) => UNRESOLVED.test(text))
  return open === undefined ? null : quote(open)
}

/** Everything that is loose about the trust, worst first; [] for a trust that names its caller. */
export function weaknessesOf(trust: Trust, system: string): Weakness[] {
  const issuer = hostOf(trust.issuer)
  if (issuer === '*') return [{ severity: 'critical', text: 'anybody may become it: the trusted principal is `*`' }]
  if (isCloudPrincipal(issuer)) return []
  const found = [...audienceWeakness(trust, system), ...subjectWeaknesses(issuer, trust)]
  return found.sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity))
}

/** `https://issuer/`, and the ARN by which AWS names a registered provider, name the same issuer. */
function hostOf(issuer: string): string {
  return issuer
    .replace(/^arn:[^:]*:iam::\d*:oidc-provider\//, '')
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .toLowerCase()
}

/** Accounts, roles and services of AWS prove themselves inside the cloud: no token of an issuer is involved. */
function isCloudPrincipal(issuer: string): boolean {
  if (issuer.startsWith('arn:') || /^\d{12}$/.test(issuer)) return true
  return issuer !== 'cognito-identity.amazonaws.com' && /^[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?$/.test(issuer)
}

function audienceWeakness({ audiences }: Trust, system: string): Weakness[] {
  if (audiences.length > 0 && !audiences.includes('*')) return []
  const text = 'it accepts tokens that were minted for any audience'
  // AWS compares the audience with the client ids of the registered provider even when the role does not.
  return [{ severity: system === 'aws' ? 'low' : 'medium', text }]
}

function subjectWeaknesses(issuer: string, { audiences, subjects }: Trust): Weakness[] {
  if (NAMED_BY_AUDIENCE.has(issuer) && audiences.length > 0 && subjects.length === 0) return []
  if (subjects.length === 0) return [unrestricted(issuer, 'it does not restrict the subject')]
  return subjects.flatMap((subject) => {
    if (/^[*?:/]+$/.test(subject)) return [unrestricted(issuer, `the subject ${quote(subject)} fits everybody`)]
    const weakness =
      issuer === GITHUB || issuer.startsWith(`${GITHUB}/`)
        ? githubWeakness(subject)
        : issuer === GITLAB
          ? gitlabWeakness(subject)
          : kubernetesWeakness(subject)
    return weakness === null ? [] : [weakness]
  })
}

function unrestricted(issuer: string, what: string): Weakness {
  return PUBLIC_ISSUERS.has(issuer)
    ? { severity: 'critical', text: `${what}, and ${issuer} signs tokens for every customer of a public service` }
    : { severity: 'high', text: `${what}: every workload that the issuer vouches for may become it` }
}

/**
 * GitHub's subject is `repo:OWNER/NAME:CONTEXT` unless it was customised; Google's pools write attributes or conditions
 * instead. A repository that is not named exactly lets code of others in.
 */
function githubWeakness(subject: string): Weakness | null {
  const owner = /(?:attribute\.|assertion\.|^|:)repository_owner(?:\/|:|\s*==\s*['"])([^'":/\s]+)/.exec(subject)?.[1]
  const match = /(?:attribute\.|assertion\.|^|:)repo(?:sitory)?(?:\/|:|\s*==\s*['"])([^'":\s]+)(.*)$/.exec(subject)
  if (match === null) {
    if (/(?:repository_id|job_workflow_ref)\b/.test(subject)) return null
    if (owner !== undefined)
      return { severity: 'high', text: `${quote(subject)} lets every repository of ${quote(owner)} in` }
    return { severity: 'high', text: `${quote(subject)} is not tied to a repository` }
  }
  const [account = '', name = ''] = (match[1] ?? '').split('/')
  const rest = match[2] ?? ''
  if (/[*?]/.test(account))
    return { severity: 'critical', text: `${quote(subject)} fits accounts that anybody can register` }
  if (name === '' || name === '*')
    return { severity: 'high', text: `${quote(subject)} lets every repository of ${quote(account)} in` }
  if (/[*?]/.test(name))
    return { severity: 'medium', text: `${quote(subject)} fits every repository whose name begins so` }
  return contextWeakness(subject, rest)
}

/** After the repository: which of its runs. Only where the subject speaks of runs at all (`repo:…`). */
function contextWeakness(subject: string, rest: string): Weakness | null {
  if (!subject.startsWith('repo:')) return null
  if (rest === '' || rest === ':*')
    return { severity: 'medium', text: `${quote(subject)} lets every branch, tag and pull request in` }
  if (rest.includes('pull_request'))
    return { severity: 'medium', text: `${quote(subject)} lets pull requests in, whose code nobody has reviewed` }
  if (/^:(?:ref:)?(?:refs\/(?:heads\/)?)?\*+$/.test(rest))
    return { severity: 'medium', text: `${quote(subject)} lets every branch in` }
  return null
}

/** `project_path:GROUP/PROJECT:ref_type:branch:ref:NAME` */
function gitlabWeakness(subject: string): Weakness | null {
  const match = /^project_path:([^:]+)(.*)$/.exec(subject)
  if (match === null)
    return /^project_id:\d+/.test(subject)
      ? null
      : { severity: 'high', text: `${quote(subject)} is not tied to a project` }
  const path = match[1] ?? ''
  if (/^[^/]*[*?]/.test(path))
    return { severity: 'critical', text: `${quote(subject)} fits groups that anybody can register` }
  if (/[*?]/.test(path)) return { severity: 'high', text: `${quote(subject)} lets every project of a group in` }
  const rest = match[2] ?? ''
  return rest === '' || rest === ':*' || rest.endsWith(':ref:*')
    ? { severity: 'medium', text: `${quote(subject)} lets every branch and tag in` }
    : null
}

/** `system:serviceaccount:NAMESPACE:NAME`; other subjects are names of the issuer's own making and cannot be judged. */
function kubernetesWeakness(subject: string): Weakness | null {
  const match = /^system:serviceaccount:([^:]*)(?::(.*))?$/.exec(subject)
  if (match === null) return null
  if (/[*?]/.test(match[1] ?? ''))
    return { severity: 'high', text: `${quote(subject)} fits accounts of several namespaces` }
  return /[*?]/.test(match[2] ?? '*')
    ? { severity: 'medium', text: `${quote(subject)} fits several accounts of the namespace` }
    : null
}
