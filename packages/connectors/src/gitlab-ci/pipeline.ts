/** The files of one pipeline as facts: what it can reach and how it signs in. No observation is made here. */
import type { Kept } from '@onus/core/identity.ts'
import type { Place } from '@onus/core/place.ts'
import type { TextFile } from '../files/text-file.ts'
import type { YamlDocument } from '../files/yaml.ts'
import { cloudKeyOf, literalCloudKeyOf, type Cloud, type CloudKey } from '../ci/cloud-keys.ts'
import { isRecord, lineHolding, mapAt, scalarsOf, textOf, textsOf, type Scalar } from '../ci/scalars.ts'
import { isCredentialName, variablesReadIn, variablesSetIn } from './variables.ts'

export type VariableUsed = { name: string; place: Place; cloudKey: CloudKey | null; kept: Kept }
export type IdToken = { name: string; audiences: string[]; place: Place }
export type Federation = { cloud: Cloud; becomes: string; place: Place }

export type Pipeline = {
  credentials: VariableUsed[]
  idTokens: IdToken[]
  federations: Federation[]
  environments: { name: string; place: Place }[]
  jobToken: Place | null
}

/**
 * What shows that an identity token is traded for a cloud's own, by the clouds' documented commands, variables and
 * audiences.
 */
const FEDERATION_SIGNS: readonly { cloud: Cloud; signs: readonly string[]; roles: readonly string[] }[] = [
  {
    cloud: 'aws',
    signs: ['assume-role-with-web-identity', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
    roles: ['AWS_ROLE_ARN', 'ROLE_ARN'],
  },
  {
    cloud: 'google',
    signs: ['create-cred-config', 'workloadIdentityPools'],
    roles: ['GCP_SERVICE_ACCOUNT', 'GOOGLE_SERVICE_ACCOUNT', 'SERVICE_ACCOUNT_EMAIL', 'GCP_SERVICE_ACCOUNT_EMAIL'],
  },
  {
    cloud: 'azure',
    signs: ['--federated-token', 'api://AzureADTokenExchange', 'AZURE_FEDERATED_TOKEN', 'ARM_OIDC_TOKEN'],
    roles: ['AZURE_CLIENT_ID', 'ARM_CLIENT_ID'],
  },
]

type Read = { file: TextFile; document: YamlDocument; scalars: Scalar[] }

/** Reads the documents of all files of a pipeline together: a variable set in one is set for all. */
export function readPipeline(files: readonly TextFile[]): Pipeline & { cutFiles: string[] } {
  const pipeline: Pipeline = { credentials: [], idTokens: [], federations: [], environments: [], jobToken: null }
  const cutFiles: string[] = []
  const reads: Read[] = []
  for (const file of files) {
    for (const document of file.yaml().documents) {
      const { scalars, isWhole } = scalarsOf(document.value)
      if (!isWhole) cutFiles.push(file.path)
      reads.push({ file, document, scalars })
    }
  }
  const provided = new Set(reads.flatMap((read) => [...readJobs(read, pipeline), ...setIn(read.scalars)]))
  for (const read of reads) readVariables(read, provided, pipeline)
  readFederations(reads, pipeline)
  return { ...pipeline, cutFiles }
}

/** Names to which the files give a value of their own, so that no variable kept by GitLab is meant. */
function setIn(scalars: readonly Scalar[]): string[] {
  return scalars.flatMap(({ path, value }) => {
    const name = definedName(path)
    // `TOKEN: $OTHER` hands on a kept variable under another name; the kept one is found where it is read.
    if (name !== null) return variablesReadIn(value).includes(name) ? [] : [name]
    return value.includes('=') ? variablesSetIn(value) : []
  })
}

/** The variable that a text under `variables:` defines, in its short form or in the one with a description. */
function definedName(path: Scalar['path']): string | null {
  const at = path.lastIndexOf('variables')
  const name = path[at + 1]
  if (at === -1 || typeof name !== 'string') return null
  return path.length === at + 2 || (path.length === at + 3 && path.at(-1) === 'value') ? name : null
}

/** Reads what jobs declare; yields the names of variables that the declarations provide. */
function readJobs({ file, document }: Read, pipeline: Pipeline): string[] {
  if (!isRecord(document.value)) return []
  const provided: string[] = []
  for (const [id, job] of Object.entries(document.value)) {
    if (!isRecord(job)) continue
    const at = (...path: string[]): Place => ({ file: file.path, line: document.line([id, ...path]) })
    const environment = textOf(job['environment']) ?? textOf(mapAt(job, 'environment')['name'])
    if (environment !== null) pipeline.environments.push({ name: environment, place: at('environment') })
    for (const [name, token] of Object.entries(mapAt(job, 'id_tokens'))) {
      provided.push(name)
      pipeline.idTokens.push({
        name,
        audiences: isRecord(token) ? textsOf(token['aud']) : [],
        place: at('id_tokens', name),
      })
    }
    for (const [name, secret] of Object.entries(mapAt(job, 'secrets'))) {
      provided.push(name)
      pipeline.credentials.push({
        name,
        place: at('secrets', name),
        cloudKey: cloudKeyOf(name),
        kept: { kind: 'secret-manager', name: managedName(secret) },
      })
    }
  }
  return provided
}

/** Where an external secret lies: Vault's path and field, or the name in the cloud's store. */
function managedName(secret: unknown): string {
  if (!isRecord(secret)) return 'unknown'
  const vault = secret['vault']
  if (typeof vault === 'string') return vault
  if (isRecord(vault))
    return [textOf(vault['path']), textOf(vault['field'])].filter((part) => part !== null).join('/') || 'unknown'
  for (const [store, key] of [
    ['gcp_secret_manager', 'name'],
    ['azure_key_vault', 'name'],
    ['aws_secrets_manager', 'secret_id'],
    ['akeyless', 'name'],
  ] as const) {
    const name = textOf(secret[store]) ?? textOf(mapAt(secret, store)[key])
    if (name !== null) return name
  }
  return 'unknown'
}

function readVariables({ file, document, scalars }: Read, provided: ReadonlySet<string>, pipeline: Pipeline): void {
  const lines = file.text.split('\n')
  for (const { path, value } of scalars) {
    const defined = definedName(path)
    const literal = defined === null || value.includes('$') ? null : literalCloudKeyOf(defined, value)
    if (defined !== null && literal !== null) {
      pipeline.credentials.push({
        name: defined,
        place: { file: file.path, line: document.line(path) },
        cloudKey: literal,
        kept: { kind: 'file', name: file.path },
      })
    }
    if (!value.includes('$') && !value.includes('%')) continue
    for (const name of variablesReadIn(value)) {
      if (name === 'CI_JOB_TOKEN') pipeline.jobToken ??= { file: file.path, line: document.line(path) }
      if (provided.has(name) || !isCredentialName(name)) continue
      const place = { file: file.path, line: lineHolding(lines, document.line(path), name) }
      pipeline.credentials.push({ name, place, cloudKey: cloudKeyOf(name), kept: { kind: 'gitlab-variable', name } })
    }
  }
}

function readFederations(reads: readonly Read[], pipeline: Pipeline): void {
  const values = new Map<string, string>()
  for (const { scalars } of reads) {
    for (const { path, value } of scalars) {
      const name = definedName(path)
      if (name !== null) values.set(name, value)
    }
  }
  for (const { cloud, signs, roles } of FEDERATION_SIGNS) {
    const place = placeOfSign(reads, signs)
    if (place === null) continue
    const role = roles.find((name) => values.has(name))
    const becomes =
      (role === undefined ? undefined : values.get(role)) ?? `an identity of ${cloud} that the files do not name`
    pipeline.federations.push({ cloud, becomes, place })
  }
}

function placeOfSign(reads: readonly Read[], signs: readonly string[]): Place | null {
  for (const { file, document, scalars } of reads) {
    for (const { path, value } of scalars) {
      const sign = signs.find((one) => value.includes(one) || path.includes(one))
      if (sign !== undefined)
        return { file: file.path, line: lineHolding(file.text.split('\n'), document.line(path), sign) }
    }
  }
  return null
}
