/** The service manifest (`onus.yaml`): what a team says about its own identities, functions and services. */
import type { Declared } from '@onus/core/manifest/check.ts'
import { functionOf, Manifest, MANIFEST_NAMES, serviceOf } from '@onus/core/manifest/manifest.ts'
import type { Observation } from '@onus/core/observation.ts'
import { directoryOf, resolvePath } from '../files/paths.ts'
import { readStrict, type FieldProblem } from '../files/strict-yaml.ts'
import type { TextFile } from '../files/text-file.ts'
import type { FileReader, ReaderResult } from '../reader.ts'

export const manifestReader: FileReader = {
  name: 'manifest',
  blind: ['whether the team that is named has accepted', 'identities that no other file shows'],
  wantsPath: (path) => MANIFEST_NAMES.some((name) => path === name || path.endsWith(`/${name}`)),
  wants: () => true,
  read,
}

export type ManifestRead = Declared | { problems: FieldProblem[] }

/** Reads a manifest; all problems at once, each with its line, its field and what was probably meant. */
export function readManifest(text: string, file: string): ManifestRead {
  const read = readStrict(Manifest, text, file)
  if ('problems' in read) return { problems: read.problems }
  return {
    manifest: read.value,
    placeOf: (path) => ({ file, line: read.line(path) }),
    resolve: (relative) => resolvePath(directoryOf(file), relative),
  }
}

function read(files: TextFile[]): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  for (const file of files) {
    const made = readManifest(file.text, file.path)
    if ('manifest' in made) result.observations.push(...observationsOf(made))
    else
      for (const { line, field, reason } of made.problems)
        result.unread.push({ file: file.path, line, reason: field === '' ? reason : `${field} ${reason}` })
  }
  return result
}

function observationsOf({ manifest, placeOf, resolve }: Declared): Observation[] {
  const owner = manifest.team
  return [
    ...manifest.functions.map(({ name, description }, index) => ({
      type: 'function' as const,
      name,
      owner,
      ...(description === undefined ? {} : { description }),
      place: placeOf(['functions', index]),
    })),
    ...manifest.services.map(({ name, function: fn, repository }, index) => ({
      type: 'service' as const,
      name,
      owner,
      ...(fn === undefined ? {} : { function: fn }),
      ...(repository === undefined ? {} : { repository }),
      place: placeOf(['services', index]),
    })),
    ...manifest.identities.map((identity, index) => ({
      type: 'declaration' as const,
      about: { name: identity.name, namespace: identity.namespace ?? null, kind: identity.kind ?? null },
      team: owner,
      purpose: identity.purpose,
      function: functionOf(manifest, identity),
      service: serviceOf(manifest, identity),
      revocation: identity.revocation,
      credentials: identity.credentials.map(({ name, kind, revocation }, at) => ({
        name,
        kind: kind ?? null,
        revocation,
        place: placeOf(['identities', index, 'credentials', at]),
      })),
      place: placeOf(['identities', index]),
    })),
    ...manifest.apis.map(({ name, document }, index) => {
      const definedIn = resolve(document)
      return {
        type: 'api' as const,
        name,
        owner,
        operations: [],
        securitySchemes: [],
        isEntry: true as const,
        ...(definedIn === null ? {} : { definedIn }),
        place: placeOf(['apis', index]),
      }
    }),
  ]
}
