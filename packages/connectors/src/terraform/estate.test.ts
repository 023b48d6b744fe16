import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import test from 'node:test'
import type { Observation, Unread } from '@onus/core/observation.ts'
import { TextFile } from '../files/text-file.ts'
import { readTogether } from '../testing/read-together.ts'
import { sharedData } from '../testing/shared-data.ts'
import { terraformReader } from './index.ts'

const root = sharedData('estates/moj-cloud-platform/repo')
const skip = root === null ? 'no shared data beside this checkout' : false

async function readEstate(
  directory: string,
): Promise<{ files: TextFile[]; observations: Observation[]; unread: Unread[] }> {
  const paths = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
  const files = paths
    .filter((path) => terraformReader.wantsPath(path))
    .map((path) => new TextFile(path, readFileSync(join(directory, path), 'utf8')))
  return { files, ...(await readTogether(terraformReader, files)) }
}

test('a real estate: the counts equal its truth, and comments do not count', { skip }, async () => {
  if (root === null) return
  const truth = JSON.parse(readFileSync(join(root, '../truth.json'), 'utf8')) as {
    kinds: Record<string, number>
    token_rotation_dates: Record<string, number>
  } // beside the estate
  const { files, observations, unread } = await readEstate(root)
  assert.deepEqual(unread, [])
  const identities = observations.filter((one) => one.type === 'identity')
  const isCall = (path: string): boolean => path.startsWith('module.')
  assert.equal(
    identities.filter((one) => one.kind === 'service-account').length,
    truth.kinds['tf:serviceaccount-modules'],
  )
  const roleModules = truth.kinds['tf:irsa-modules'] ?? NaN
  // Two calls of a role module from the public registry are not in the truth's count.
  assert.equal(identities.filter((one) => one.kind === 'workload').length, roleModules + 2)
  assert.equal(
    identities.filter((one) => one.kind === 'cloud-principal' && !isCall(one.ref.path)).length,
    truth.kinds['tf:aws_iam_user'],
  )
  const keys = observations.filter((one) => one.type === 'credential' && one.kind === 'access-key')
  assert.equal(keys.length, truth.kinds['tf:aws_iam_access_key'])

  const dates: Record<string, number> = {}
  for (const one of observations) {
    if (one.type === 'credential' && one.kind === 'service-account-token' && one.rotatedAt)
      dates[one.rotatedAt.raw] = (dates[one.rotatedAt.raw] ?? 0) + 1
  }
  // The truth was taken from the text, so it counts a date that stands in a comment.
  const commented = files.flatMap((file) =>
    [...file.text.matchAll(/^\s*#.*token_rotated_date\s*=\s*"([^"]+)"/gm)].map((match) => match[1] ?? ''),
  )
  const want = { ...truth.token_rotation_dates }
  for (const date of commented) want[date] = (want[date] ?? 0) - 1
  assert.deepEqual(dates, Object.fromEntries(Object.entries(want).filter(([, count]) => count > 0)))
})

test('a real estate: every date and every identity can be found where the reader says', { skip }, async () => {
  if (root === null) return
  const { files, observations } = await readEstate(root)
  const lines = new Map(files.map((file) => [file.path, file.text.split('\n')]))
  const lineAt = ({ file, line }: { file: string; line: number }): string => lines.get(file)?.[line - 1] ?? ''
  for (const one of observations) {
    if (one.type === 'credential' && one.rotatedAt) assert.ok(lineAt(one.rotatedAt.place).includes(one.rotatedAt.raw))
    if (one.type === 'identity') assert.match(lineAt(one.place), /^\s*(?:module|resource)\s/)
    if (one.type === 'identity')
      for (const tag of one.tags)
        assert.ok(lineAt({ file: one.place.file, line: tag.line }) !== '', `${one.nativeRef} ${tag.key}`)
  }
})
