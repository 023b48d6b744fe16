/**
 * CODEOWNERS of GitHub and GitLab: who must approve a change of a file. A platform uses one file of a repository, the
 * first it finds; the others are reported, because people believe in them.
 */
import type { FileReader, ReaderResult } from '../reader.ts'
import type { TextFile } from '../files/text-file.ts'
import { parseCodeowners } from './parse.ts'

type Folder = '.github' | '' | 'docs' | '.gitlab'
/** In this order GitHub looks in the first three, GitLab in the last three. */
const FOLDERS: readonly Folder[] = ['.github', '', 'docs', '.gitlab']
const NAME = 'CODEOWNERS'

export const codeownersReader: FileReader = {
  name: 'codeowners',
  blind: [
    'whether approval by code owners is required: a branch rule, not a file',
    'who is a member of the teams',
    'who holds the GitLab roles that are named instead of people',
  ],
  wantsPath: (path) => path.endsWith(NAME) && locate(path) !== null,
  wants: () => true,
  unitOf: (path) => locate(path)?.root ?? path,
  read,
}

/**
 * The directory a file governs and the folder it stands in. Collections of files of several repositories write the
 * folder into the name (`.github__CODEOWNERS`).
 */
function locate(path: string): { root: string; folder: Folder } | null {
  const segments = path.split('/')
  const name = segments.pop() ?? ''
  const flat = FOLDERS.find((folder) => folder !== '' && name === `${folder}__${NAME}`)
  if (flat !== undefined) return { root: segments.join('/'), folder: flat }
  if (name !== NAME) return null
  const folder = FOLDERS.find((one) => one !== '' && one === segments.at(-1))
  if (folder !== undefined) segments.pop()
  return { root: segments.join('/'), folder: folder ?? '' }
}

function read(files: TextFile[]): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  const located = files.flatMap((file) => {
    const where = locate(file.path)
    return where ? [{ file, ...where }] : []
  })
  located.sort((a, b) => FOLDERS.indexOf(a.folder) - FOLDERS.indexOf(b.folder))
  const [effective, ...others] = located
  if (!effective) return result
  const { file, root, folder } = effective
  const platform = folder === '.github' ? 'github' : folder === '.gitlab' ? 'gitlab' : 'unknown'
  const { syntax, rules, problems } = parseCodeowners(file.text, platform)
  result.observations.push({ type: 'codeowners', root, syntax, rules, file: file.path })
  for (const { line, reason } of problems) result.unread.push({ file: file.path, line, reason })
  for (const other of others) {
    result.unread.push({ file: other.file.path, line: 1, reason: `not in force: \`${file.path}\` is found first` })
  }
  return result
}
