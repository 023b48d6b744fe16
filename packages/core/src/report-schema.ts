import { z } from 'zod'
import { Finding } from './finding.ts'
import {
  Access,
  Accountability,
  Claim,
  Controller,
  Credential,
  Grant,
  Identity,
  KnownDate,
  Trust,
  Use,
} from './identity.ts'
import { OwnedScope } from './owned-scope.ts'
import { Place } from './place.ts'
import { ScanReport, SourceReport, Summary } from './report.ts'
import { Api, BusinessFunction, Service } from './service.ts'
import { Team } from './team.ts'

/** Schemas that get a name of their own in the report's JSON Schema, so that it can be read. */
const NAMED = {
  Access,
  Accountability,
  Api,
  BusinessFunction,
  Claim,
  Controller,
  Credential,
  Finding,
  Grant,
  Identity,
  KnownDate,
  OwnedScope,
  Place,
  Service,
  SourceReport,
  Summary,
  Team,
  Trust,
  Use,
}

/** JSON Schema 2020-12 of what `onus scan --format json` prints. */
export function reportSchema(): object {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries({ ...NAMED, ScanReport })) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, { target: 'draft-2020-12', uri: (id) => `#/$defs/${id}` })
  const { ScanReport: report, ...parts } = schemas
  const $defs = Object.fromEntries(Object.entries(parts).map(([id, schema]) => [id, withoutMarks(schema)]))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Onus scan report',
    ...withoutMarks(report ?? {}),
    $defs,
  }
}

/** Marks of a stand-alone document; on a part they would change how `$ref` resolves. */
function withoutMarks(schema: object): object {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'))
}
