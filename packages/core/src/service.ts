import { z } from 'zod'
import { Place } from './place.ts'

export const BusinessFunction = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  team: z.string().nullable(),
  evidence: z.array(Place),
})
export type BusinessFunction = z.infer<typeof BusinessFunction>

export const Service = z.object({
  id: z.string(),
  name: z.string(),
  team: z.string().nullable(),
  function: z.string().nullable(),
  repository: z.string().nullable(),
  lifecycle: z.string().nullable(),
  evidence: z.array(Place),
})
export type Service = z.infer<typeof Service>

export const Operation = z.object({
  id: z.string(),
  method: z.string(),
  path: z.string(),
  security: z.array(z.string()),
  line: z.int().positive(),
})
export const Api = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string().nullable(),
  team: z.string().nullable(),
  operations: z.array(Operation),
  securitySchemes: z.array(z.object({ name: z.string(), kind: z.string() })),
  evidence: z.array(Place),
})
export type Api = z.infer<typeof Api>
