/** Every file reader. The order is that of `sources[]` in a report. */
import { awsIamReader } from './aws-iam/index.ts'
import { catalogReader } from './backstage/index.ts'
import { codeownersReader } from './codeowners/index.ts'
import { githubActionsReader } from './github-actions/index.ts'
import { gitlabCiReader } from './gitlab-ci/index.ts'
import { kongReader } from './kong/index.ts'
import { kubernetesReader } from './kubernetes/index.ts'
import { openapiReader } from './openapi/index.ts'
import { manifestReader } from './manifest/index.ts'
import type { FileReader } from './reader.ts'
import { terraformReader } from './terraform/index.ts'

export const READERS: readonly FileReader[] = [
  kubernetesReader,
  terraformReader,
  awsIamReader,
  githubActionsReader,
  gitlabCiReader,
  kongReader,
  openapiReader,
  codeownersReader,
  catalogReader,
  manifestReader,
]
