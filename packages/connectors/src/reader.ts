/**
 * A file reader turns the files of one system into observations. It is a pure conversion: the walker finds the files,
 * bounds their size, decodes them and hands them over in units; a reader follows nothing and runs nothing, and what
 * lies outside its unit it sees only through `Surroundings`.
 */
import type { Observation, Unread } from '@onus/core/observation.ts'
import type { TextFile } from './files/text-file.ts'

export type ReaderResult = {
  observations: Observation[]
  /** One entry for each thing that could not be read; the rest of the file is still used. */
  unread: Unread[]
}

/** What a unit can see of the rest of its estate: files that the walk found and the same reader may look up. */
export type Surroundings = {
  /** The names of the files directly in a directory ('' is the scanned root), sorted. */
  namesIn(directory: string): readonly string[]
  /** null when there is no such file, it cannot be read, or the unit has asked for more than is kept at once. */
  open(path: string): TextFile | null
  /** Whether a unit or a file is included by another unit, so that what it defines counts there and not by itself. */
  isIncluded(path: string): boolean
}

/** How units build on each other (a Terraform module that is called, a base of Kustomize). */
export type Includes = {
  /** Whether the file may name others, from its path alone. */
  mayName(path: string): boolean
  /** Files that may be looked up besides those the reader wants by path. Default: none. */
  mayOpen?(path: string): boolean
  /**
   * The units (as `unitOf` names them) and single files that a unit includes; `files` are those that may name others.
   * Every unit is asked before anything is read.
   */
  of(files: readonly TextFile[], surroundings: Surroundings): string[] | Promise<string[]>
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
  includes?: Includes
  /** The largest file it takes, for readers of machine-made exports. Default: `MAX_FILE_BYTES` of files/walk.ts. */
  maxBytes?: number
  /** Without `surroundings` the unit stands alone. */
  read(files: TextFile[], surroundings?: Surroundings): ReaderResult | Promise<ReaderResult>
}

/** A unit by itself. */
export const ALONE: Surroundings = { namesIn: () => [], open: () => null, isIncluded: () => false }
