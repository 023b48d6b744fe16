/** Reads made-up files as a scan would, in one process: units are asked what they include, then each is read. */
import { includedOf, inclusionKey, type Inclusion } from '../files/inclusions.ts'
import { directoryOf, joinPath } from '../files/paths.ts'
import type { TextFile } from '../files/text-file.ts'
import type { FileReader, ReaderResult, Surroundings } from '../reader.ts'

export async function readTogether(reader: FileReader, files: readonly TextFile[]): Promise<ReaderResult> {
  const wanted = files.filter((file) => reader.wantsPath(file.path))
  const visible = files.filter((file) => wanted.includes(file) || reader.includes?.mayOpen?.(file.path))
  const included = new Set<string>()
  const surroundings: Surroundings = {
    namesIn: (directory) =>
      visible
        .filter((file) => directoryOf(file.path) === directory)
        .map((file) => file.path.slice(joinPath(directory, '').length))
        .sort(),
    open: (path) => visible.find((file) => file.path === path) ?? null,
    isIncluded: (path) => included.has(inclusionKey(0, 0, path)),
  }
  const unitOf = (file: TextFile): string => reader.unitOf?.(file.path) ?? file.path
  const inclusions: Inclusion[] = []
  for (const [from, members] of Map.groupBy(wanted, unitOf)) {
    const telling = members.filter((file) => reader.includes?.mayName(file.path))
    if (telling.length > 0)
      inclusions.push({ root: 0, reader: 0, from, to: (await reader.includes?.of(telling, surroundings)) ?? [] })
  }
  for (const key of includedOf(inclusions)) included.add(key)
  const result: ReaderResult = { observations: [], unread: [] }
  for (const members of Map.groupBy(wanted, unitOf).values()) {
    const taken = members.filter((file) => reader.wants(file))
    if (taken.length === 0) continue
    const { observations, unread } = await reader.read(taken, surroundings)
    result.observations.push(...observations)
    result.unread.push(...unread)
  }
  return result
}
