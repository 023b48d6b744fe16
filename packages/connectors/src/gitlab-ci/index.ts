/**
 * GitLab CI: one identity a pipeline, which is a `.gitlab-ci.yml` with the local files that it includes. All files of
 * the estate are read as one unit, because an include may lie anywhere in its repository; there are few of them.
 */
import type { IdentityRef, Observation, Tag } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { READER_TAGS, listTag } from '@onus/core/reader-tags.ts'
import type { FileReader, ReaderResult } from '../reader.ts'
import type { TextFile } from '../files/text-file.ts'
import { CLOUD_KEY_KINDS } from '../ci/cloud-keys.ts'
import { environmentTags } from '../ci/environments.ts'
import { includesOf, localFiles, type Include } from './includes.ts'
import { readPipeline, type Pipeline, type VariableUsed } from './pipeline.ts'

/**
 * Directories in which teams put the files that a pipeline includes, besides everything that has `gitlab` in its
 * path.
 */
const INCLUDE_FOLDERS = new Set([
  'ci',
  '.ci',
  'cicd',
  'ci-cd',
  '.cicd',
  'pipeline',
  'pipelines',
  '.pipelines',
  'jobs',
  'templates',
])

export const gitlabCiReader: FileReader = {
  name: 'gitlab-ci',
  blind: [
    'values, ages, scopes and protection of CI/CD variables: they are settings of the project, group or server',
    'files included from other projects, from URLs, components and templates',
    'what the job token of other projects may do here, and protected environments: they are settings, not files',
  ],
  wantsPath: (path) => {
    if (!path.endsWith('.yml') && !path.endsWith('.yaml')) return false
    return (
      path.toLowerCase().includes('gitlab') ||
      path
        .split('/')
        .slice(0, -1)
        .some((segment) => INCLUDE_FOLDERS.has(segment))
    )
  },
  wants: (file) => isPipelineFile(file.path) || isIncludable(file.text),
  unitOf: () => '',
  read,
}

function isPipelineFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name === '.gitlab-ci.yml' || name === '.gitlab-ci.yaml'
}

/** Every file that adds to a pipeline has one of these words; a Kubernetes manifest that has them too is not one. */
function isIncludable(text: string): boolean {
  if (text.startsWith('apiVersion:') || text.includes('\napiVersion:')) return false
  return ['script:', 'variables:', 'include:', 'extends:', 'id_tokens:', 'trigger:'].some((word) => text.includes(word))
}

function read(files: TextFile[]): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  const byPath = new Map(files.map((file) => [file.path, file]))
  const blamed = new Set<string>()
  for (const file of files) {
    if (!isPipelineFile(file.path)) continue
    const { parts, elsewhere } = collect(file, byPath, result)
    for (const part of parts) {
      if (blamed.has(part.path)) continue
      blamed.add(part.path)
      for (const { line, reason } of part.yaml().problems) result.unread.push({ file: part.path, line, reason })
    }
    const { cutFiles, ...pipeline } = readPipeline(parts)
    for (const path of cutFiles)
      result.unread.push({ file: path, line: 1, reason: 'too many values: only the first 200,000 were read' })
    if (parts.some((part) => part.yaml().documents.length > 0))
      result.observations.push(...observe(pipeline, elsewhere, file))
  }
  return result
}

/** The files of a pipeline in the order in which they are included; each once, so that a circle ends. */
function collect(
  start: TextFile,
  byPath: ReadonlyMap<string, TextFile>,
  result: ReaderResult,
): { parts: TextFile[]; elsewhere: Include[] } {
  const root = rootOf(start.path)
  const parts = new Set([start])
  const elsewhere: Include[] = []
  for (const part of parts) {
    for (const document of part.yaml().documents) {
      for (const include of includesOf(document.value)) {
        if (include.kind === 'elsewhere') {
          elsewhere.push(include)
          continue
        }
        const found = localFiles(include.path, root, byPath.keys())
        if (found.length === 0) {
          result.unread.push({
            file: part.path,
            line: document.line(['include']),
            reason: `includes ${include.path}, which is not among the files read`,
          })
        }
        // A Set yields what is added while it is walked.
        for (const path of found) parts.add(byPath.get(path) ?? part)
      }
    }
  }
  return { parts: [...parts], elsewhere }
}

function rootOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function observe(pipeline: Pipeline, elsewhere: readonly Include[], file: TextFile): Observation[] {
  const root = rootOf(file.path)
  const identity: IdentityRef = { system: 'gitlab', realm: root, path: 'pipeline' }
  return [
    {
      type: 'identity',
      ref: identity,
      kind: 'ci-workload',
      name: root === '' ? file.path : root.slice(root.lastIndexOf('/') + 1),
      place: { file: file.path, line: 1 },
      nativeRef: `pipeline ${file.path}`,
      isDefined: true,
      tags: tagsOf(pipeline, elsewhere, file.path),
    },
    ...credentialsOf(pipeline.credentials, identity),
    ...pipeline.idTokens.flatMap(({ name, audiences, place }): Observation[] => [
      { type: 'credential', identity, kind: 'federated', name, kept: [], place },
      ...audiences.map((audience): Observation => ({
        type: 'grant',
        identity,
        permission: `proves itself to ${audience}`,
        resource: audience,
        level: 'unknown',
        isWildcard: false,
        via: 'id_tokens',
        place,
      })),
    ]),
    ...pipeline.federations.map(({ becomes, cloud, place }): Observation => ({
      type: 'grant',
      identity,
      permission: `assumes ${becomes}`,
      resource: becomes,
      level: 'unknown',
      isWildcard: false,
      via: `identity token for ${cloud}`,
      place,
    })),
  ]
}

function tagsOf(pipeline: Pipeline, elsewhere: readonly Include[], file: string): Tag[] {
  // A tag's line is one of the identity's own file; what an included file says is shown at the top of it.
  const lineOf = (place: Place | null | undefined): number => (place?.file === file ? place.line : 1)
  const keys = pipeline.credentials.filter((one) => one.cloudKey !== null)
  const keyLine = lineOf(keys[0]?.place)
  const clouds = [...new Set(keys.map((one) => one.cloudKey?.cloud).filter((cloud) => cloud !== undefined))]
  const token = pipeline.idTokens[0]
  const others = elsewhere.filter((include) => include.kind === 'elsewhere')
  const answer = token ? 'available and asked for already' : 'available'
  return [
    token ? { key: READER_TAGS.oidc, value: 'true', line: lineOf(token.place) } : null,
    pipeline.jobToken === null
      ? null
      : { key: READER_TAGS.usesJobToken, value: 'true', line: lineOf(pipeline.jobToken) },
    listTag(
      READER_TAGS.cloudFederation,
      pipeline.federations.map((one) => one.cloud),
      lineOf(pipeline.federations[0]?.place),
    ),
    listTag(READER_TAGS.staticCloudKeys, clouds, keyLine),
    // GitLab issues identity tokens to every job (`id_tokens`), and all three clouds accept them.
    listTag(
      READER_TAGS.staticCloudKeysOidc,
      clouds.map((cloud) => `${cloud}: ${answer}`),
      keyLine,
    ),
    listTag(
      READER_TAGS.calls,
      others.map((include) => include.what),
      1,
    ),
    listTag(
      READER_TAGS.unpinnedActions,
      others.filter((include) => !include.isPinned).map((include) => include.what),
      1,
    ),
    ...environmentTags(pipeline.environments.map(({ name, place }) => ({ name, line: lineOf(place) }))),
  ].filter((tag) => tag !== null)
}

/** One credential for each variable; the two halves of an AWS key are one. */
function credentialsOf(used: readonly VariableUsed[], identity: IdentityRef): Observation[] {
  const byName = new Map<string, { use: VariableUsed; halves: VariableUsed[] }>()
  for (const one of used) {
    const half = one.cloudKey?.part === 'id' ? secretHalfOf(one, used) : null
    const name = (half ?? one).name
    const entry = byName.get(name) ?? { use: half ?? one, halves: [] }
    for (const part of half ? [half, one] : [one])
      if (!entry.halves.some((known) => known.name === part.name)) entry.halves.push(part)
    byName.set(name, entry)
  }
  return [...byName.values()].map(({ use, halves }) => ({
    type: 'credential',
    identity,
    kind: use.cloudKey ? CLOUD_KEY_KINDS[use.cloudKey.cloud] : 'ci-secret',
    name: use.name,
    kept: use.kept.kind === 'file' ? [use.kept] : halves.map((half) => half.kept),
    revocation: revocationOf(use),
    place: use.place,
  }))
}

/**
 * `PROD_AWS_SECRET_ACCESS_KEY` for `PROD_AWS_ACCESS_KEY_ID`: the secret whose name shares the words around it, else
 * the only one.
 */
function secretHalfOf(id: VariableUsed, used: readonly VariableUsed[]): VariableUsed | null {
  const secrets = used.filter(
    (one) =>
      one.cloudKey?.part === 'secret' && one.cloudKey.cloud === id.cloudKey?.cloud && one.kept.kind === id.kept.kind,
  )
  const stem = id.name.slice(0, id.name.indexOf('AWS') + 3)
  return (
    secrets.find((one) => one.name.startsWith(stem)) ??
    (new Set(secrets.map((one) => one.name)).size === 1 ? (secrets[0] ?? null) : null)
  )
}

function revocationOf({ kept, name }: VariableUsed): string {
  if (kept.kind === 'file') return 'revoke it where it was issued: removing it from the file leaves it in the history'
  if (kept.kind === 'secret-manager')
    return `revoke it where it was issued, then replace it at ${kept.name} in the secret manager`
  return `revoke it where it was issued, then delete the CI/CD variable ${name} in the settings of the project or group`
}
