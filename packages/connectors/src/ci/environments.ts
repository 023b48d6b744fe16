import { environmentWords } from '@onus/core/environment-words.ts'
import type { Tag } from '@onus/core/observation.ts'
import { READER_TAGS, listTag } from '@onus/core/reader-tags.ts'

/**
 * The tags for the environments that a pipeline deploys to; names made from variables are left out.
 * One that deploys to several belongs to none of them alone; if production is among them that is the one that counts,
 * because whatever holds the pipeline holds production.
 */
export function environmentTags(environments: readonly { name: string; line: number }[]): Tag[] {
  const named = environments.filter((one) => one.name !== '' && !one.name.includes('$'))
  const all = listTag(
    READER_TAGS.deploymentEnvironments,
    named.map((one) => one.name),
    named[0]?.line ?? 1,
  )
  if (all === null) return []
  const chosen =
    new Set(named.map((one) => one.name)).size === 1 ? named[0] : named.find((one) => saysProduction(one.name))
  return chosen ? [all, { key: 'environment', value: chosen.name, line: chosen.line }] : [all]
}

function saysProduction(name: string): boolean {
  return name
    .toLowerCase()
    .split(/[^a-z]+/)
    .some((word) => environmentWords.get(word) === 'production')
}
