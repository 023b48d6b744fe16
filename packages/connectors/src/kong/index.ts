/**
 * Kong: declarative files (decK and DB-less) and the Ingress Controller's KongConsumer. One identity a consumer. Keys,
 * secrets and passwords are never taken, only that they exist. decK reads all files of a directory as one state, so they
 * are read together here. Not taken: what other tools make from these files (Terraform, Konnect's AI gateway source).
 */
import type { FileReader, ReaderResult } from '../reader.ts'
import type { TextFile } from '../files/text-file.ts'
import { isDeclarative, observeSources, sourcesOf } from './declarative.ts'
import { observeIngress } from './ingress.ts'

const ENDINGS = ['.yaml', '.yml', '.json']

export const kongReader: FileReader = {
  name: 'kong',
  blind: [
    'consumers, keys and groups made through the Admin API or Kong Manager and not in these files',
    'when a key was rotated or last used, and mostly when it was made',
    'groups that the Ingress Controller keeps in secrets, and services that any consumer with a key may call',
  ],
  wantsPath: (path) => ENDINGS.some((ending) => path.endsWith(ending)),
  wants,
  unitOf: (path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))),
  read,
}

function wants(file: TextFile): boolean {
  const { text } = file
  // Also when it does not parse: then it is broken, not foreign.
  if (/(?:^|[\s{,])["']?_format_version["']?\s*:/.test(text) || isIngress(file)) return true
  if (!text.includes('consumers') || text.includes('apiVersion')) return false
  return file.yaml().documents.some(({ value }) => isDeclarative(value))
}

function isIngress({ text }: TextFile): boolean {
  return text.includes('configuration.konghq.com')
    ? text.includes('KongConsumer')
    : text.includes('konghq.com/credential')
}

function read(files: TextFile[]): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  const ingress = files.filter(isIngress)
  const declarative = files.filter((file) => !isIngress(file))
  for (const file of declarative) {
    for (const { line, reason } of file.yaml().problems) result.unread.push({ file: file.path, line, reason })
  }
  observeSources(declarative.flatMap(sourcesOf), result)
  observeIngress(ingress, result)
  return result
}
