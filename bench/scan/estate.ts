/** A made-up estate on disk: the same numbers give the same files. Words, names and addresses are invented. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export type EstateSize = { namespaces: number; teams: number; workflows: number }
/** About 21,000 files. */
export const FULL: EstateSize = { namespaces: 1_400, teams: 180, workflows: 260 }

const DOMAINS = [
  'parcel',
  'ledger',
  'courier',
  'customs',
  'depot',
  'tariff',
  'claims',
  'routing',
  'label',
  'invoice',
  'tracking',
  'returns',
]
const PARTS = ['api', 'worker', 'sync', 'export', 'portal', 'events', 'batch', 'gateway', 'search', 'reports']
const ENVIRONMENTS = ['dev', 'test', 'staging', 'prod'] as const

/** Writes the estate below `root` and answers how many files and service accounts it has. */
export function writeEstate(
  root: string,
  size: EstateSize,
): { files: number; namespaces: number; serviceAccounts: number } {
  const random = generator(20_260_821)
  let files = 0
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    files += 1
  }
  const teams = Array.from(
    { length: size.teams },
    (_, i) => `${DOMAINS[i % DOMAINS.length]}-team-${Math.floor(i / DOMAINS.length) + 1}`,
  )
  let serviceAccounts = 0
  for (let i = 0; i < size.namespaces; i++) {
    const environment = pick(random, ENVIRONMENTS)
    const name = `${pick(random, DOMAINS)}-${pick(random, PARTS)}-${i}-${environment}`
    const team = pick(random, teams)
    const directory = `clusters/live/${name}`
    write(`${directory}/00-namespace.yaml`, namespace(name, team, environment, random))
    write(`${directory}/01-rbac.yaml`, rbac(name, random() < 0.15 ? pick(random, teams) : team))
    write(`${directory}/02-limits.yaml`, limits(name))
    write(`${directory}/03-quota.yaml`, quota(name))
    write(`${directory}/04-network.yaml`, network(name))
    write(
      `${directory}/06-config.yaml`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: ${name}\ndata:\n  LEVEL: info\n`,
    )
    write(`${directory}/05-workload.yaml`, workload(name, random() < 0.05))
    write(`${directory}/resources/main.tf`, main())
    write(`${directory}/resources/variables.tf`, variables(name, team, environment))
    write(`${directory}/resources/serviceaccount.tf`, serviceAccount(random))
    write(`${directory}/resources/irsa.tf`, workloadRole(name))
    write(`${directory}/resources/bucket.tf`, bucket(name))
    write(`${directory}/resources/user.tf`, random() < 0.1 ? user(name) : '# no user here\n')
    write(`${directory}/resources/versions.tf`, 'terraform {\n  required_version = ">= 1.5"\n}\n')
    if (random() < 0.9) write(`${directory}/README.md`, `# ${name}\n`)
    serviceAccounts += 1
    if (i % 200 === 0)
      write(`${directory}/broken-${i}.yaml`, 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: "unclosed\n')
    if (i % 250 === 0) write(`${directory}/resources/broken.tf`, 'resource "aws_iam_user" "x" {\n  name = \n')
  }
  for (let i = 0; i < size.workflows; i++)
    write(`apps/${pick(random, DOMAINS)}-${i}/.github/workflows/deploy.yaml`, workflow(i))
  for (const [path, text] of Object.entries(SHARED_MODULES)) write(path, text)
  write('CODEOWNERS', codeowners(teams, size.namespaces))
  return { files, namespaces: size.namespaces, serviceAccounts }
}

/** Mulberry32: small, the same on every machine. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function pick<T>(random: () => number, from: readonly T[]): T {
  const chosen = from[Math.floor(random() * from.length)]
  if (chosen === undefined) throw new Error('an empty list has nothing to pick')
  return chosen
}

function namespace(name: string, team: string, environment: string, random: () => number): string {
  return `apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
  labels:
    lumen.example/is-production: "${environment === 'prod'}"
    lumen.example/environment-name: "${environment}"
  annotations:
    lumen.example/business-unit: "Parcels"
    lumen.example/application: "${name.split('-').slice(0, 2).join(' ')}"
    lumen.example/owner: "${team}: ${team}@lumen.example"
    lumen.example/source-code: "https://git.lumen.example/parcels/${name}"
    lumen.example/team-name: "${random() < 0.2 ? team.replace('-team', ' Team') : team}"
    lumen.example/review-after: "${random() < 0.3 ? '2025-11-01' : '2027-02-01'}"
`
}

function rbac(name: string, team: string): string {
  return `kind: RoleBinding
apiVersion: rbac.authorization.k8s.io/v1
metadata:
  name: ${name}-admin
  namespace: ${name}
subjects:
  - kind: Group
    name: "github:${team}"
    apiGroup: rbac.authorization.k8s.io
roleRef:
  kind: ClusterRole
  name: admin
  apiGroup: rbac.authorization.k8s.io
`
}

function limits(name: string): string {
  return `apiVersion: v1
kind: LimitRange
metadata:
  name: limitrange
  namespace: ${name}
spec:
  limits:
    - default: { cpu: 1000m, memory: 1000Mi }
      defaultRequest: { cpu: 10m, memory: 100Mi }
      type: Container
`
}

function quota(name: string): string {
  return `apiVersion: v1
kind: ResourceQuota
metadata:
  name: namespace-quota
  namespace: ${name}
spec:
  hard:
    pods: "50"
`
}

function network(name: string): string {
  return ['default', 'allow-ingress-controllers']
    .map(
      (policy) => `kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata:
  name: ${policy}
  namespace: ${name}
spec:
  podSelector: {}
  policyTypes:
    - Ingress
  ingress:
    - from:
        - podSelector: {}
`,
    )
    .join('---\n')
}

function workload(name: string, usesDefault: boolean): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  namespace: ${name}
spec:
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec:
${usesDefault ? '' : '      serviceAccountName: ci\n'}      containers:
        - name: app
          image: registry.lumen.example/app:1
`
}

function main(): string {
  return `terraform {
  backend "s3" {}
}

provider "aws" {
  region = "eu-west-2"
  default_tags {
    tags = {
      business-unit = var.business_unit
      application   = var.application
      owner         = var.team_name
      namespace     = var.namespace
    }
  }
}
`
}

function variables(name: string, team: string, environment: string): string {
  const values = {
    namespace: name,
    team_name: team,
    environment,
    business_unit: 'Parcels',
    application: name,
    is_production: String(environment === 'prod'),
    infrastructure_support: `${team}@lumen.example`,
  }
  return Object.entries(values)
    .map(
      ([key, value]) =>
        `variable "${key}" {\n  description = "The ${key.replaceAll('_', ' ')}"\n  type        = string\n  default     = "${value}"\n}\n`,
    )
    .join('\n')
}

function serviceAccount(random: () => number): string {
  return `module "serviceaccount" {
  source    = "git.lumen.example/platform/terraform-service-account?ref=1.1.0"
  namespace = var.namespace
  serviceaccount_name           = "ci"
  serviceaccount_token_rotated_date = "${random() < 0.1 ? '01-01-2000' : '14-05-2026'}"
  github_repositories = ["${pick(random, DOMAINS)}"]
}
`
}

function workloadRole(name: string): string {
  return `module "irsa" {
  source = "git.lumen.example/platform/terraform-irsa?ref=2.0.0"
  service_account_name = "${name}"
  namespace            = var.namespace
  role_policy_arns = {
    s3 = module.bucket.irsa_policy_arn
  }
  business_unit          = var.business_unit
  application            = var.application
  is_production          = var.is_production
  team_name              = var.team_name
  environment_name       = var.environment
  infrastructure_support = var.infrastructure_support
}
`
}

function bucket(name: string): string {
  return `module "bucket" {
  source    = "git.lumen.example/platform/terraform-s3-bucket?ref=5.3.0"
  team_name = var.team_name
  namespace = var.namespace
}

resource "kubernetes_secret" "bucket" {
  metadata {
    name      = "${name}-bucket"
    namespace = var.namespace
  }
  data = {
    bucket_arn = module.bucket.bucket_arn
  }
}

module "consumer" {
  source    = "../../../../platform/queue-consumer"
  name      = "${name}-consumer"
  team_name = var.team_name
}
`
}

/** Called from every namespace: what many directories share is found from each of them. */
const SHARED_MODULES: Readonly<Record<string, string>> = {
  'platform/queue-consumer/main.tf': `variable "name" {}
variable "team_name" {}

module "tags" {
  source    = "../tags"
  team_name = var.team_name
}

resource "aws_iam_role" "this" {
  name               = var.name
  tags               = module.tags.all
  assume_role_policy = file("\${path.module}/trust.json")
}

resource "aws_iam_role_policy" "this" {
  role   = aws_iam_role.this.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["sqs:ReceiveMessage"], Resource = "*" }] })
}
`,
  'platform/queue-consumer/trust.json':
    '{ "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole" }] }\n',
  'platform/tags/main.tf': `variable "team_name" {}

output "all" {
  value = { team = var.team_name, managed-by = "terraform" }
}
`,
}

function user(name: string): string {
  return `resource "aws_iam_user" "deploy" {
  name = "${name}-deploy"
  path = "/system/"
}

resource "aws_iam_access_key" "deploy" {
  user = aws_iam_user.deploy.name
}

resource "aws_iam_user_policy" "deploy" {
  name   = "deploy"
  user   = aws_iam_user.deploy.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:*"], Resource = "*" }] })
}
`
}

function workflow(index: number): string {
  return `name: Deploy
on: { push: { branches: [main] } }
permissions: { contents: read, id-token: write }
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: ${index % 2 === 0 ? 'production' : 'development'}
    steps:
      - uses: actions/checkout@v4
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          role-to-assume: arn:aws:iam::111122223333:role/deploy-${index}
      - run: ./deploy.sh
        env:
          TOKEN: \${{ secrets.DEPLOY_TOKEN_${index} }}
`
}

function codeowners(teams: readonly string[], namespaces: number): string {
  const lines = ['* @lumen/platform']
  for (let i = 0; i < Math.min(400, namespaces); i++) lines.push(`/apps/*-${i}/ @lumen/${teams[i % teams.length]}`)
  return `${lines.join('\n')}\n`
}
