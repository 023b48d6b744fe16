/** Tags, labels and annotations as written, with those that the provider adds to everything it makes. */
import type { TagAt, Resource } from './draft.ts'
import { fieldBlock, fieldBlocks, fieldsOf, fieldShown, type Fields } from './fields.ts'
import type { Frame, Instance } from './frame.ts'
import { isSecretName, looksSecret } from '../secret-names.ts'
import { shownText, textOf, type Value } from './value.ts'

const MAX_VALUE_LENGTH = 1_000

/** The entries of a map argument that are known; a value that may be a secret is left out. */
export function tagsIn(value: Value | undefined): TagAt[] {
  const fields = value ? fieldsOf(value) : null
  return fields ? fields.names().flatMap((key) => tagOf(key, fields.value(key)) ?? []) : []
}

export function tagOf(key: string, value: Value | undefined): TagAt | null {
  const text = textOf(value)
  if (!value || text === null || !isTagText(text)) return null
  return isSecretName(key) || looksSecret(text) ? null : { key, value: text, line: value.line, file: value.file }
}

/** A line of text that says something; documents and files that are passed on say nothing about what they are given to. */
export function isTagText(text: string): boolean {
  return text !== '' && text.length <= MAX_VALUE_LENGTH && !/^\s*[[{]|[\r\n]/.test(text)
}

/** Own entries win over the provider's (`default_tags`, `default_labels`). */
export function resourceTags(resource: Resource, argument: 'tags' | 'labels', root: Frame = resource.frame): TagAt[] {
  const provider = providerOf(root, resource.instance)
  const defaults =
    argument === 'tags'
      ? (provider ? fieldBlocks(provider, 'default_tags') : []).flatMap((block) => tagsIn(block.value('tags')))
      : tagsIn(provider?.value('default_labels'))
  const merged = new Map<string, TagAt>()
  for (const tag of [...defaults, ...tagsIn(resource.fields.value(argument))]) merged.set(tag.key, tag)
  return [...merged.values()]
}

/** The provider configuration that a resource uses: the one it names, else the one without an alias. */
export function providerOf(frame: Frame, instance: Instance): Fields | null {
  const wanted = fieldShown(instance.fields, 'provider') ?? instance.type.split('_', 1)[0] ?? ''
  const [name, alias] = wanted.split('.')
  for (const block of frame.module.providers) {
    if (block.labels[0] !== name) continue
    const fields = frame.instancesOf(block)[0]?.fields
    if (fields && (shownText(fields.value('alias')) ?? undefined) === alias) return fields
  }
  return null
}

/** `metadata { name namespace labels annotations }` of Kubernetes resources. */
export function metadataOf(fields: Fields): { metadata: Fields | null; tags: TagAt[] } {
  const metadata = fieldBlock(fields, 'metadata')
  return {
    metadata,
    tags: metadata ? [...tagsIn(metadata.value('labels')), ...tagsIn(metadata.value('annotations'))] : [],
  }
}
