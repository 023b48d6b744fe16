/** `include:` of GitLab CI: which files make one pipeline, and what it takes from elsewhere. */
import { isRecord, textOf, textsOf } from '../ci/scalars.ts'

export type Include =
  | { kind: 'local'; path: string }
  /** Another project, a URL, a component or a template of GitLab: not among the files. */
  | { kind: 'elsewhere'; what: string; isPinned: boolean }

/** More `*` than this in one pattern is refused instead of matched (the match tries every way to divide a path). */
const MAX_STARS = 4

const COMMIT = /^[0-9a-f]{40}$/i

/** The includes of one parsed document, as written. */
export function includesOf(root: unknown): Include[] {
  if (!isRecord(root)) return []
  const given: unknown = root['include']
  return (Array.isArray(given) ? (given as unknown[]) : [given]).flatMap(includeOf)
}

function includeOf(given: unknown): Include[] {
  if (typeof given === 'string') {
    return [
      /^https?:\/\//.test(given) ? { kind: 'elsewhere', what: given, isPinned: false } : { kind: 'local', path: given },
    ]
  }
  if (!isRecord(given)) return []
  const { local, project, remote, component, template } = given
  if (typeof local === 'string') return [{ kind: 'local', path: local }]
  if (typeof project === 'string') {
    const ref = textOf(given['ref'])
    const isPinned = ref !== null && COMMIT.test(ref)
    return textsOf(given['file']).map((file) => ({
      kind: 'elsewhere',
      what: `${project}:${file}@${ref ?? 'HEAD'}`,
      isPinned,
    }))
  }
  if (typeof remote === 'string')
    return [{ kind: 'elsewhere', what: remote, isPinned: typeof given['integrity'] === 'string' }]
  if (typeof component === 'string')
    return [{ kind: 'elsewhere', what: component, isPinned: COMMIT.test(component.split('@')[1] ?? '') }]
  // Templates come with the GitLab server, whose version fixes them.
  return typeof template === 'string' ? [{ kind: 'elsewhere', what: `template ${template}`, isPinned: true }] : []
}

/** The files among `paths` that a local include means; `root` is the directory of the including repository. */
export function localFiles(include: string, root: string, paths: Iterable<string>): string[] {
  const pattern = `${root === '' ? '' : `${root}/`}${include.replace(/^\/+/, '').replace(/^\.\//, '')}`
  const stars = pattern.split('*').length - 1
  if (stars === 0) return [...paths].filter((path) => path === pattern)
  if (stars > MAX_STARS) return []
  const expression = pattern
    .split(/(\*\*\/|\*\*|\*)/)
    .map((part) =>
      part === '**/'
        ? '(?:.*/)?'
        : part === '**'
          ? '.*'
          : part === '*'
            ? '[^/]*'
            : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('')
  const matches = new RegExp(`^${expression}$`)
  return [...paths].filter((path) => matches.test(path))
}
