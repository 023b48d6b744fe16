import { z } from 'zod'
import { Conventions } from './conventions.ts'

/** JSON Schema 2020-12 of `onus.conventions.yaml`; what has a default may be left out. */
export function conventionsSchema(): object {
  return { ...z.toJSONSchema(Conventions, { target: 'draft-2020-12', io: 'input' }), title: 'Onus conventions' }
}
