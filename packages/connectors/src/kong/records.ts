import { isRecord } from '../ci/scalars.ts'

/** The entities of a list, each with its index in the file; what is no entity is passed over. */
export function entriesAt(
  owner: Record<string, unknown>,
  key: string,
): { index: number; entity: Record<string, unknown> }[] {
  const list = owner[key]
  return (Array.isArray(list) ? (list as unknown[]) : []).flatMap((entity, index) =>
    isRecord(entity) ? [{ index, entity }] : [],
  )
}

export function recordsAt(owner: Record<string, unknown>, key: string): Record<string, unknown>[] {
  return entriesAt(owner, key).map(({ entity }) => entity)
}
