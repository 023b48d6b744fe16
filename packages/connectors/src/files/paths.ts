/** Paths of an estate: relative to the scanned root, / between segments, '' for the root itself. */

/** The directory a path lies in. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** The last segment. */
export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** What a relative path means in a directory; null when it leads out of the root. */
export function resolvePath(directory: string, relative: string): string | null {
  const segments = directory === '' ? [] : directory.split('/')
  for (const step of relative.split('/')) {
    if (step === '' || step === '.') continue
    if (step !== '..') segments.push(step)
    else if (segments.pop() === undefined) return null
  }
  return segments.join('/')
}

export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`
}
