/** The shapes of annotation, label and tag keys that mean the same in most companies. */
import { withoutAccents } from './accents.ts'
import { OTHER_LANGUAGES, WEAK_IN_OTHER_LANGUAGES } from './convention-languages.ts'
import type { Meaning } from './conventions.ts'

/** `isWeak`: it counts only where no stronger key of the same subject has the meaning. */
export type Shape = { meaning: Meaning; isWeak: boolean; accepts: (value: string) => boolean }

const always = (): boolean => true
const isBoolean = (value: string): boolean => readFlag(value) !== null
/** A repository, not a word such as `helm`: a URL, `git@host:path` or `owner/name`. */
const isRepository = (value: string): boolean => /^(?:(?:[a-z+]+:\/\/|git@|url:)|[^/\s]+\/[^/\s]+$)/i.test(value.trim())

/** Meaning → last part of the key, without case and separators: `Team-Name`, `team_name` and `teamName` are one. */
const STRONG: Record<Meaning, string> = {
  team: `team teamname teamid teamslug owningteam ownerteam ownedbyteam teamowner responsibleteam accountableteam
    squad squadname githubteam githubteamname devteam productteam serviceteam`,
  owner: `owner owners ownedby ownername owneremail owneraddress maintainer maintainers maintainedby responsible
    accountable serviceowner productowner businessowner systemowner technicalowner techowner applicationowner appowner
    accountowner`,
  contact: `contact contacts contactemail contactname email emailaddress slack slackchannel slackchannelname
    slackalertchannel slackalerts alertchannel notificationchannel teamemail teamcontact teamslack teamslackchannel
    supportcontact supportemail supportteam support infrastructuresupport oncall escalation escalationcontact
    msteamschannel teamschannel`,
  'business-unit': `businessunit businessunitname bu businessarea servicearea department dept division directorate
    tribe tribename`,
  function: `businessfunction businessservice businesscapability capability valuestream product productname system
    systemname businessprocess`,
  service: 'service servicename serviceid application applicationname app appname applicationid appid microservice',
  purpose: 'purpose reason justification why usedfor',
  environment: 'environment environmentname env envname environmenttype envtype deploymentenvironment',
  production: 'isproduction production isprod',
  'review-after': 'reviewafter reviewby reviewdate nextreview nextreviewdate reviewdue reviewdueby accessreviewdue',
  'source-code': `sourcecode sourcerepo sourcerepository sourceurl repository repositoryurl repositoryname repo
    repourl reponame giturl gitrepo gitrepository gitrepourl githubrepo githubrepository gitlabproject vcsurl scmurl
    codebase`,
  expires: `expires expiry expiration expirydate expirationdate expiresat expireson expiryon validuntil validto
    notafter enddate expirationtime`,
  rotated: `rotated rotatedat rotatedon rotateddate rotationdate lastrotated lastrotatedat lastrotateddate
    lastrotation lastrotationdate tokenrotateddate keyrotateddate secretrotateddate credentialrotateddate tokenrotated
    keyrotated`,
  created: 'created createdat createdon createddate creationdate createdate datecreated',
  'third-party': 'thirdparty isthirdparty vendor vendorname supplier suppliername',
  'data-class': `dataclass dataclassification dataclassifications classification informationclassification
    datasensitivity sensitivity`,
  revocation: 'revocation revocationpath revocationprocedure howtorevoke revokewith runbook runbookurl playbook',
}

/** A cost centre is an accounting number, a description often the tool's boilerplate: better than nothing only. */
const WEAK: [meaning: Meaning, keys: string, accepts: (value: string) => boolean][] = [
  ['business-unit', 'costcentre costcenter costcode', always],
  ['purpose', 'description desc', always],
  ['environment', 'stage stagename', always],
  ['source-code', 'source git github gitlab projectslug', isRepository],
]

const SHAPES = new Map<string, Shape>()
for (const [meaning, keys] of WEAK_IN_OTHER_LANGUAGES) addShapes(meaning, keys, true, always)
// Object.entries widens the type of keys; those of the records are meanings.
for (const [meaning, keys] of [...Object.entries(OTHER_LANGUAGES), ...Object.entries(STRONG)] as [Meaning, string][])
  addShapes(meaning, keys, false, meaning === 'production' ? isBoolean : always)
for (const [meaning, keys, accepts] of WEAK) addShapes(meaning, keys, true, accepts)

function addShapes(meaning: Meaning, keys: string, isWeak: boolean, accepts: (value: string) => boolean): void {
  for (const key of words(keys)) SHAPES.set(key, { meaning, isWeak, accepts })
}

/** Whether a value says yes or no; null when it says neither. */
export function readFlag(value: string): boolean | null {
  const word = value.trim().toLowerCase()
  if (['true', 'yes', '1', 'ja', 'oui', 'si', 'sí', 'sim', 'tak'].includes(word)) return true
  return ['false', 'no', '0', 'nein', 'non', 'nee', 'nej', 'nei', 'não', 'nao', 'nie'].includes(word) ? false : null
}

/** Keys of tools whose meaning their documentation fixes. null: it means none of ours, whatever it looks like. */
const WELL_KNOWN = new Map<string, Meaning | null>([
  ['app.kubernetes.io/name', 'service'],
  ['app.kubernetes.io/part-of', 'function'],
  ['kubernetes.io/description', 'purpose'],
  ['openshift.io/description', 'purpose'],
  ['tags.datadoghq.com/service', 'service'],
  ['tags.datadoghq.com/env', 'environment'],
  ['backstage.io/kubernetes-id', 'service'],
  ['backstage.io/source-location', 'source-code'],
  ['github.com/project-slug', 'source-code'],
  ['gitlab.com/project-slug', 'source-code'],
  ['github.com/team-slug', 'team'],
  // Who is called at night, which is not always who answers.
  ['opsgenie.com/team', 'contact'],
  ['a8r.io/chat', 'contact'],
  ['external-dns.alpha.kubernetes.io/owner', null],
])

/** Keys below these domains belong to tools: `olm.owner` names an operator and `cert-manager.io/...` no team. */
const TOOL_DOMAINS = [
  'kubernetes.io',
  'k8s.io',
  'x-k8s.io',
  'helm.sh',
  'argoproj.io',
  'fluxcd.io',
  'weave.works',
  'cert-manager.io',
  'istio.io',
  'linkerd.io',
  'amazonaws.com',
  'cloud.google.com',
  'gke.io',
  'azure.com',
  'openshift.io',
  'cattle.io',
  'crossplane.io',
  'karpenter.sh',
  'kyverno.io',
  'prometheus.io',
  'grafana.com',
  'datadoghq.com',
  'backstage.io',
  'konghq.com',
  'traefik.io',
  'knative.dev',
  'tekton.dev',
  'velero.io',
  'external-secrets.io',
  'operatorframework.io',
  'hashicorp.com',
  'tigera.io',
  'projectcalico.org',
  'cilium.io',
  'spiffe.io',
]
const TOOL_PREFIXES = ['aws:', 'olm.', 'onus:', 'goog-', 'ms-resource-usage:', 'hidden-']

/** Most estates repeat a few hundred keys a hundred thousand times. */
const MAX_REMEMBERED = 10_000
const remembered = new Map<string, Shape | null>()

/** What the key means by its shape; null when it has none. Case and separators do not matter. */
export function shapeOf(key: string): Shape | null {
  const known = remembered.get(key)
  if (known !== undefined) return known
  const shape = findShape(key.normalize('NFKC').trim().toLowerCase())
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  remembered.set(key, shape)
  return shape
}

function findShape(key: string): Shape | null {
  const fixed = WELL_KNOWN.get(key)
  if (fixed !== undefined) return fixed === null ? null : { meaning: fixed, isWeak: false, accepts: always }
  if (isToolKey(key)) return null
  const slash = key.lastIndexOf('/')
  const parts = key.slice(slash + 1).split(/[.:]/)
  const last = bare(parts.at(-1) ?? '')
  // `owner.email` says more than `email`.
  const two = parts.length > 1 ? SHAPES.get(bare(parts.at(-2) ?? '') + last) : undefined
  return two ?? SHAPES.get(last) ?? null
}

/** True for keys whose meaning a tool fixes, so that no company can give them one. */
export function isToolKey(rawKey: string): boolean {
  const key = rawKey.toLowerCase()
  if (TOOL_PREFIXES.some((prefix) => key.startsWith(prefix))) return true
  const slash = key.indexOf('/')
  const domain = slash < 0 ? '' : key.slice(0, slash)
  return TOOL_DOMAINS.some((tool) => domain === tool || domain.endsWith(`.${tool}`))
}

function bare(part: string): string {
  return withoutAccents(part)
    .replaceAll('ß', 'ss')
    .replace(/^x[-_]/, '')
    .replace(/[-_\s]+/g, '')
}

function words(text: string): string[] {
  return text.split(/\s+/)
}
