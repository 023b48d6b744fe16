import { z } from 'zod'

/** Where something is written: the evidence behind a fact. */
export const Place = z.object({
  file: z.string().describe('path relative to the scanned root, with / between segments'),
  line: z.int().positive().describe('1-based'),
})
export type Place = z.infer<typeof Place>

/** `file:line`, as editors and terminals understand it. */
export function formatPlace(place: Place): string {
  return `${place.file}:${place.line}`
}
