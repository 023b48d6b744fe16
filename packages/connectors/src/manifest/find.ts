/** Every service manifest below some paths, named as a scan of the same paths names files. */
import { openFile } from '../files/open-file.ts'
import { MAX_FILE_BYTES } from '../files/walk.ts'
import { walkRoots } from '../roots.ts'
import { manifestReader, readManifest, type ManifestRead } from './index.ts'

export type FoundManifest = { file: string; read: ManifestRead }

/** A file that cannot be opened is a manifest with that one problem. Rejects when aborted, with the signal's reason. */
export async function findManifests(paths: readonly string[], signal: AbortSignal): Promise<FoundManifest[]> {
  const roots = await walkRoots({ paths, readers: [manifestReader], signal, onProgress: () => {} })
  return roots
    .flatMap((root) => root.files)
    .map(({ path, absolute }) => {
      const { file, note } = openFile(path, absolute, MAX_FILE_BYTES)
      if (file) return { file: path, read: readManifest(file.text, path) }
      return {
        file: path,
        read: { problems: [{ file: path, line: 1, field: '', reason: note?.reason ?? 'not readable' }] },
      }
    })
    .sort((a, b) => (a.file < b.file ? -1 : 1))
}
