/**
 * A file reader turns the files of one system into observations. It is a pure conversion: the walker finds the files,
 * bounds their size, decodes them and hands them over in units; a reader opens nothing, follows nothing, runs nothing.
 */
import type { Observation, Unread } from '@onus/core/observation.ts'
import type { TextFile } from './files/text-file.ts'

export type ReaderResult = {
  observations: Observation[]
  /** One entry for each thing that could not be read; the rest of the file is still used. */
  unread: Unread[]
}

export type FileReader = {
  /** kebab-case; appears as `sources[].reader`. */
  name: string
  /** What this reader can never see, said in every report: "values of secrets", "roles made outside these files". */
  blind: string[]
  /**
   * Decides from the path alone whether the file can be of interest. It runs for every file of the estate: no regular
   * expressions with backtracking, no allocation worth naming.
   */
  wantsPath(path: string): boolean
  /**
   * Decides from the content. Cheap tests on `file.text` first; parsing is shared between readers (`file.yaml()`), but
   * still costs. A file that several readers take is counted for each.
   */
  wants(file: TextFile): boolean
  /** Files with equal keys are read together (Terraform: one directory is one module). Default: each file alone. */
  unitOf?(path: string): string
  /** The largest file it takes, for readers of machine-made exports. Default: `MAX_FILE_BYTES` of files/walk.ts. */
  maxBytes?: number
  read(files: TextFile[]): ReaderResult | Promise<ReaderResult>
}
