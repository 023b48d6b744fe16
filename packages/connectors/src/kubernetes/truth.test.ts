import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { joinRbac } from '@onus/core/access/kubernetes-rbac.ts'
import type { Observation } from '@onus/core/observation.ts'
import { TextFile } from '../files/text-file.ts'
import type { ReaderResult } from '../reader.ts'
import { sharedData } from '../testing/shared-data.ts'
import { kubernetesReader } from './index.ts'

const ABSENT = 'no shared data beside this checkout'

/** Reads everything below a directory in units, as a scan does. */
async function readBelow(root: string): Promise<ReaderResult & { files: number }> {
  const units = new Map<string, TextFile[]>()
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(root.length + 1)
    if (!entry.isFile() || !kubernetesReader.wantsPath(path)) continue
    const file = new TextFile(path, readFileSync(join(root, path), 'utf8'))
    if (!kubernetesReader.wants(file)) continue
    const unit = kubernetesReader.unitOf?.(path) ?? path
    units.set(unit, [...(units.get(unit) ?? []), file])
  }
  const results = await Promise.all([...units.values()].map((files) => kubernetesReader.read(files)))
  return { observations: results.flatMap((one) => one.observations), unread: results.flatMap((one) => one.unread), files: [...units.values()].flat().length }
}

function of<K extends Observation['type']>(result: ReaderResult, type: K): Extract<Observation, { type: K }>[] {
  return result.observations.filter((one): one is Extract<Observation, { type: K }> => one.type === type)
}

const estate = sharedData('estates/moj-cloud-platform/repo')

test('a real estate: every namespace, role, binding, subject and cron job of the truth', { skip: estate ? false : ABSENT }, async () => {
  // The published truth of this estate has exactly these fields.
  const truth = JSON.parse(readFileSync(sharedData('estates/moj-cloud-platform/truth.json') ?? '', 'utf8')) as {
    namespaces: number; kinds: Record<string, number>; distinct_groups: number; user_subjects: string[]
  }
  const result = await readBelow(estate ?? '')
  assert.deepEqual(result.unread, [])
  const subjects = of(result, 'kubernetes-binding').flatMap((one) => one.subjects)
  assert.equal(of(result, 'scope').length, truth.namespaces)
  assert.equal(new Set(of(result, 'scope').map((one) => one.ref.name)).size, truth.namespaces)
  assert.equal(of(result, 'kubernetes-binding').length, truth.kinds['RoleBinding'])
  assert.equal(of(result, 'kubernetes-role').length, truth.kinds['Role'])
  assert.equal(of(result, 'use').filter((one) => one.by.name.startsWith('cronjob/')).length, truth.kinds['CronJob'])
  for (const kind of ['Group', 'User', 'ServiceAccount']) {
    assert.equal(subjects.filter((one) => one.kind === kind).length, truth.kinds[`subject:${kind}`], kind)
  }
  assert.equal(new Set(subjects.filter((one) => one.kind === 'Group').map((one) => one.name)).size, truth.distinct_groups)
  assert.deepEqual(subjects.filter((one) => one.kind === 'User').map((one) => one.name), truth.user_subjects)
  // Every object of the estate lies in a namespace that the estate defines.
  const names = new Set(of(result, 'scope').map((one) => one.ref.name))
  for (const binding of of(result, 'kubernetes-binding')) assert.ok(names.has(binding.namespace ?? ''), binding.place.file)
})

const cases = sharedData('rbac/kubescape-regolibrary')

/** What the published check expects for a case: its alerts. */
function alertsOf(path: string): string[] {
  // A published expectation is a list of alerts with a message.
  return (JSON.parse(readFileSync(join(cases ?? '', path, 'expected.json'), 'utf8')) as { alertMessage: string }[]).map((one) => one.alertMessage)
}

test('published RBAC cases: what the checks alert about is among what was read', { skip: cases ? false : ABSENT }, async () => {
  const casesBelow = (rule: string): string[] => readdirSync(join(cases ?? '', rule), { withFileTypes: true }).filter((one) => one.isDirectory()).map((one) => `${rule}/${one.name}`)
  for (const path of ['access-container-service-account-v1', 'rule-can-create-pod'].flatMap(casesBelow)) {
    const result = await readBelow(join(cases ?? '', path, 'input'))
    assert.deepEqual(result.unread, [], path)
    const { grants } = joinRbac(of(result, 'kubernetes-role'), of(result, 'kubernetes-binding'))
    const holders = [...grants.map((one) => `account: ${one.identity.path.split('/')[1] ?? ''}`), ...of(result, 'kubernetes-binding').flatMap((one) => one.subjects.map(({ kind, name }) => `${kind}-${name}`))]
    for (const alert of alertsOf(path)) assert.ok(holders.some((holder) => alert.includes(holder)), `${path}: ${alert}`)
    if (path.startsWith('access')) assert.equal(grants.length > 0, alertsOf(path).length > 0, path)
  }
  for (const path of ['rule-deny-cronjobs', 'serviceaccount-in-default-namespace'].flatMap(casesBelow)) {
    const result = await readBelow(join(cases ?? '', path, 'input'))
    const found = [...of(result, 'use').map((one) => one.by.name.split('/')[1] ?? ''), ...of(result, 'identity').filter((one) => one.isDefined && one.scope?.name === 'default').map((one) => one.name)]
    for (const alert of alertsOf(path)) assert.ok(found.some((name) => alert.includes(name)), `${path}: ${alert}`)
  }
  for (const path of casesBelow('serviceaccount-token-mount')) {
    const result = await readBelow(join(cases ?? '', path, 'input'))
    // The token reaches the pod in each case except where the pod itself refuses it.
    assert.equal(of(result, 'use').length, path.endsWith('/sa-mount') ? 0 : 1, path)
    assert.equal(of(result, 'credential').length, 1, path)
  }
})
