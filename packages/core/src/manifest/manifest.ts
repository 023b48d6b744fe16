/**
 * The service manifest (`onus.yaml`), kept beside the service and reviewed with it: which team answers for which
 * identities, why each exists, how it is revoked, and when its credentials end. A statement of the team, not a decision:
 * it becomes one when a member of the team accepts.
 */
import { z } from 'zod'
import { DATA_CLASSES } from '../change/content.ts'
import { CredentialKind, IdentityKind } from '../identity.ts'

const Name = z.string().trim().min(1).max(200)
const Sentence = z.string().trim().min(3).max(500)

export const DeclaredCredential = z.strictObject({
  name: Name.describe('as a scan shows it'),
  kind: CredentialKind.optional().describe('where two credentials share the name'),
  expiresAfterDays: z.int().positive().max(3_650).describe('how old it may become before it is replaced'),
  revocation: Sentence.describe('how this one is revoked'),
})
export type DeclaredCredential = z.infer<typeof DeclaredCredential>

export const DeclaredIdentity = z.strictObject({
  name: Name.describe('its name, or its native reference, as a scan shows it'),
  namespace: Name.optional().describe('where several namespaces have one of this name'),
  kind: IdentityKind.optional().describe('where kinds share the name'),
  purpose: Sentence.describe('why it exists'),
  function: Name.optional().describe(
    'the business function it serves; default: that of its service, else the only one',
  ),
  service: Name.optional().describe('the service that uses it; default: the only one'),
  revocation: Sentence.describe('how it is revoked'),
  credentials: z.array(DeclaredCredential).max(200).default([]),
})
export type DeclaredIdentity = z.infer<typeof DeclaredIdentity>

export const Manifest = z.strictObject({
  version: z.literal(1),
  team: Name.describe('the team that answers for everything below'),
  functions: z
    .array(
      z.strictObject({
        name: Name,
        description: Sentence.optional(),
        dataClasses: z.array(z.enum(DATA_CLASSES)).max(DATA_CLASSES.length).default([]),
        criticality: z.enum(['low', 'medium', 'high', 'critical']).optional(),
      }),
    )
    .max(200)
    .default([])
    .describe('business functions that the team owns'),
  services: z
    .array(z.strictObject({ name: Name, function: Name.optional(), repository: z.url().optional() }))
    .max(200)
    .default([]),
  identities: z.array(DeclaredIdentity).max(2_000).default([]),
  apis: z
    .array(
      z.strictObject({
        name: Name,
        document: z.string().trim().min(1).max(400).describe('its OpenAPI document, relative to this file'),
      }),
    )
    .max(200)
    .default([]),
})
export type Manifest = z.infer<typeof Manifest>

/** Names that a manifest may have. */
export const MANIFEST_NAMES = ['onus.yaml', 'onus.yml'] as const

/** JSON Schema 2020-12 of `onus.yaml`, for editors; what has a default may be left out. */
export function manifestSchema(): object {
  return { ...z.toJSONSchema(Manifest, { target: 'draft-2020-12', io: 'input' }), title: 'Onus service manifest' }
}

/** The function that a declared identity serves: its own word, that of its service, or the only one there is. */
export function functionOf(manifest: Manifest, identity: DeclaredIdentity): string | null {
  if (identity.function !== undefined) return identity.function
  const service = serviceOf(manifest, identity)
  const ofService = manifest.services.find(({ name }) => name === service)?.function
  if (ofService !== undefined) return ofService
  return manifest.functions.length === 1 ? (manifest.functions[0]?.name ?? null) : null
}

/** The service that uses a declared identity: its own word, or the only one there is. */
export function serviceOf(manifest: Manifest, identity: DeclaredIdentity): string | null {
  return identity.service ?? (manifest.services.length === 1 ? (manifest.services[0]?.name ?? null) : null)
}
