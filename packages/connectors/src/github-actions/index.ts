/**
 * GitHub Actions: one identity a workflow file. Composite actions (`action.yml`) cannot read secrets and are left out.
 * The files of one repository are read together, because workflows call each other.
 */
import type { FileReader, ReaderResult } from '../reader.ts'
import type { TextFile } from '../files/text-file.ts'
import { observe, type WorkflowFile } from './observations.ts'
import { readWorkflow } from './workflow.ts'

const FOLDER = '.github/workflows/'

export const githubActionsReader: FileReader = {
  name: 'github-actions',
  blind: [
    'values, ages and scopes of secrets: workflows only name them',
    'whether a secret belongs to the repository, an environment or the organisation',
    'the default rights of GITHUB_TOKEN, branch rules and required reviewers: they are settings, not files',
    'workflows of other repositories that are called from here',
  ],
  wantsPath: (path) => locate(path) !== null,
  wants: (file) => file.text.includes('jobs'),
  unitOf: (path) => locate(path)?.root ?? path,
  read,
}

/** GitHub reads only files directly in the folder, so deeper ones are not workflows. */
function locate(path: string): WorkflowFile | null {
  if (!path.endsWith('.yml') && !path.endsWith('.yaml')) return null
  const folder = path.lastIndexOf(FOLDER)
  if (folder !== 0 && path[folder - 1] !== '/') return null
  const fileName = path.slice(folder + FOLDER.length)
  return fileName.includes('/') ? null : { root: path.slice(0, Math.max(0, folder - 1)), path, fileName }
}

function read(files: TextFile[]): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  const siblings = new Set(files.map((file) => locate(file.path)?.fileName ?? ''))
  for (const file of files) {
    const where = locate(file.path)
    if (where === null) continue
    const { documents, problems } = file.yaml()
    for (const { line, reason } of problems) result.unread.push({ file: file.path, line, reason })
    const document = documents[0]
    const workflow = document ? readWorkflow(document, file.text.split('\n')) : null
    if (workflow === null) {
      if (problems.length === 0)
        result.unread.push({ file: file.path, line: 1, reason: 'not a workflow: no jobs are defined' })
      continue
    }
    if (!workflow.isWhole)
      result.unread.push({ file: file.path, line: 1, reason: 'too many values: only the first 200,000 were read' })
    result.observations.push(...observe(workflow, where, siblings))
  }
  return result
}
