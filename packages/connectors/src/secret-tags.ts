import type { Observation, Tag } from '@onus/core/observation.ts'
import { isSecretName } from './secret-names.ts'

/** Says whether, or when, but not what. */
const HARMLESS = /^(?:|true|false|yes|no|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.{0,20})$/i

/**
 * The observation without tags that are called like a secret (`password`, `db_token`): people do put values into tags
 * of
 * cloud users and annotations. The last line of defence behind the readers, which know their formats better.
 */
export function withoutSecretTags(observation: Observation): Observation {
  if (!('tags' in observation) || !observation.tags.some(isSecretTag)) return observation
  return { ...observation, tags: observation.tags.filter((tag) => !isSecretTag(tag)) }
}

function isSecretTag({ key, value }: Tag): boolean {
  return !key.startsWith('onus:') && isSecretName(key.replace(/[-. ]/g, '_')) && !HARMLESS.test(value)
}
