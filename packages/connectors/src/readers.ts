/** Every file reader. The order is that of `sources[]` in a report. */
import { githubActionsReader } from './github-actions/index.ts'
import { gitlabCiReader } from './gitlab-ci/index.ts'
import type { FileReader } from './reader.ts'

export const READERS: readonly FileReader[] = [githubActionsReader, gitlabCiReader]
