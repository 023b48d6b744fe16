/** The arguments of a resource, of one of its nested blocks, or of a map that stands for one: read by name. */
import type { Place } from '@onus/core/place.ts'
import type { RawDate } from '@onus/core/observation.ts'
import { entriesOf, itemsOf, shownText, shownTexts, textOf, textsOf, type Value } from './value.ts'

export type Fields = {
  place: Place
  /** Names of all arguments and nested blocks, in the order of the file. */
  names(): string[]
  /** undefined when the argument is not there. Nested blocks come as a list of fields. */
  value(name: string): Value | undefined
}

export function fieldText(fields: Fields, name: string): string | null {
  return textOf(fields.value(name))
}

export function fieldShown(fields: Fields, name: string): string | null {
  return shownText(fields.value(name))
}

export function fieldTexts(fields: Fields, name: string): string[] {
  return textsOf(fields.value(name))
}

export function fieldShownTexts(fields: Fields, name: string): string[] {
  return shownTexts(fields.value(name))
}

/** null when absent or not known. */
export function fieldFlag(fields: Fields, name: string): boolean | null {
  const text = fieldText(fields, name)
  return text === 'true' ? true : text === 'false' ? false : null
}

/** Where the argument is written, else where its block begins. */
export function fieldPlace(fields: Fields, name: string): Place {
  const value = fields.value(name)
  return value ? { file: value.file, line: value.line } : fields.place
}

export function fieldDate(fields: Fields, name: string): RawDate | undefined {
  const value = fields.value(name)
  const raw = textOf(value)
  return value && raw !== null && raw !== '' ? { raw, place: { file: value.file, line: value.line } } : undefined
}

/** Nested blocks of that name; also a list of objects, or one object, that stands for them. */
export function fieldBlocks(fields: Fields, name: string): Fields[] {
  return itemsOf(fields.value(name)).flatMap((item) => fieldsOf(item) ?? [])
}

export function fieldBlock(fields: Fields, name: string): Fields | null {
  return fieldBlocks(fields, name)[0] ?? null
}

export function fieldsOf(value: Value): Fields | null {
  if (value.data.kind === 'fields') return value.data.fields
  if (value.data.kind !== 'map') return null
  const entries = entriesOf(value)
  return {
    place: { file: value.file, line: value.line },
    names: () => [...entries.keys()],
    value: (name) => entries.get(name),
  }
}
