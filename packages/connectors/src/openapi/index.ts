/** OpenAPI 3.0 and 3.1 documents (spec.openapis.org): APIs with their operations and the security that each one asks for. */
import type { FileReader, ReaderResult } from '../reader.ts'
import type { TextFile } from '../files/text-file.ts'
import { describeApi, isOpenApi3, MAX_OPERATIONS } from './describe.ts'

export const openapiReader: FileReader = {
  name: 'openapi',
  blind: [
    'operations that the code serves and the document does not describe',
    'who may call what: security schemes say how, not who',
  ],
  wantsPath: (path) => path.endsWith('.yaml') || path.endsWith('.yml') || path.endsWith('.json'),
  wants: (file) => isOpenApi3(file.text),
  read,
}

function read(files: TextFile[]): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  for (const file of files) {
    const { documents, problems } = file.yaml()
    for (const { line, reason } of problems) result.unread.push({ file: file.path, line, reason })
    for (const document of documents) {
      const described = describeApi(document, file.path)
      if (!described) continue
      result.observations.push(described.api)
      if (described.cutAt === null) continue
      const reason = `more than ${MAX_OPERATIONS} operations; the rest was left out`
      result.unread.push({ file: file.path, line: described.cutAt, reason })
    }
  }
  return result
}
