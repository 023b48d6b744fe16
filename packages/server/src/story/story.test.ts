/**
 * The whole story of an identity on the example company, through the API: discovered, offered, accepted, bounded by a
 * guardrail, given more by a change, orphaned by a leaver, handed over, and proved to somebody who trusts nobody here.
 * `npm run story` plays it and tells it.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ChangeContent } from '@onus/core/change/content.ts'
import { ApiError } from '@onus/core/contract/client.ts'
import type { Client } from '@onus/core/contract/client.ts'
import { escalate } from '../accountability/escalate.ts'
import { settle } from '../accountability/lapse.ts'
import { listKeys } from '../ledger/index.ts'
import { testApp } from '../testing/app.ts'
import { testDatabases } from '../testing/database.ts'
import { directoryOf, signedIn } from './company.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const RULE = 'no-wildcard-in-production'
const databases = await testDatabases()
const folder = await mkdtemp(join(tmpdir(), 'onus-story-'))
after(() => rm(folder, { recursive: true, force: true }))

const tell = (chapter: string, ...lines: string[]): void => {
  process.stdout.write(`\n${chapter}\n${lines.map((line) => `  ${line}\n`).join('')}`)
}

async function refused(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof ApiError, 'was not refused')
  return `${error.problem.code}: ${error.problem.detail}`
}

async function finished(client: Client, id: string) {
  for (;;) {
    const job = await client.job({ params: { id } })
    if (job.state === 'done') return job
    assert.ok(job.state !== 'failed', job.message ?? 'the job failed')
    await sleep(50)
  }
}

/** `onus ledger verify`, as the auditor runs it on a machine of their own. */
function verify(...args: string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const command = [join(ROOT, 'packages/cli/src/main.ts'), 'ledger', 'verify', ...args]
    execFile(process.execPath, command, { encoding: 'utf8' }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: `${stdout}${stderr}`.trim() })
    })
  })
}

test('from a real estate to a decision that can be proved', async () => {
  const app = await testApp(await databases.fresh(), { exampleDir: join(ROOT, 'examples/lumen-parcel') })
  const { client, clock, ctx } = app
  const days = (count: number): string => new Date(clock.now.getTime() + count * 86_400_000).toISOString()
  /** Time passes, and what waits for it is done. */
  const wait = async (count: number): Promise<void> => {
    clock.now = new Date(days(count))
    await ctx.db.tx((tx) => tx.updateTable('session').set({ last_seen_at: clock.now, expires_at: new Date(days(1)) }).execute())
    while ((await settle(ctx)) > 0);
    while ((await ctx.db.tx((tx) => escalate(tx, clock.now))) > 0);
  }
  const approve = async (by: Client, id: string) => {
    const { digest } = await by.change({ params: { id } })
    return by.approveChange({ params: { id }, body: { digest } })
  }
  const propose = (by: Client, content: ChangeContent, reason: string) => by.proposeChange({ body: { content, reason } })

  // Discovered.
  await finished(client, (await client.loadExample()).id)
  const found = await client.overview()
  const { items } = await client.listIdentities({ query: { namespace: 'billing', q: 'invoice-run' } })
  const identity = items[0]?.id ?? ''
  const before = await client.identity({ params: { id: identity } })
  assert.deepEqual([before.identity.name, before.identity.accountability.state, before.identity.environment], ['invoice-run', 'claimed', 'production'])
  tell('Discovered', `${found.identities} machine identities in the example company; ${found.byState.accountable} of them answer to anybody.`)

  // People, from the directory.
  const directory = await directoryOf(app)
  const hire = async (userName: string, name: string) => signedIn(app, await directory.hire(userName, name))
  const joao = await hire('joao.brandt', 'João Brandt')
  const mara = await hire('mara.lindqvist', 'Mara Lindqvist')
  const tomas = await hire('tomas.reyes', 'Tomás Reyes')
  const greta = await hire('greta.sund', 'Greta Sund')
  const ada = await hire('ada.moss', 'Ada Moss')
  const kim = await hire('kim.osei', 'Kim Osei')
  const rune = await hire('rune.hale', 'Rune Hale')
  const billing = await directory.group('billing', [joao.id])
  const checkout = await directory.group('checkout', [mara.id, tomas.id])
  await directory.group('security', [ada.id, kim.id])
  await directory.group('internal-audit', [rune.id])
  await wait(2)

  // Offered and accepted.
  const offers = (await joao.client.queue()).items.flatMap((item) => (item.kind === 'offer' ? [item.offer] : []))
  const offer = offers.find(({ namespace }) => namespace === 'billing')
  assert.ok(offer, 'the namespace of billing is offered to its team')
  assert.match(await refused(mara.client.acceptIdentities({ body: { team: billing, chosen: { identities: [identity] }, answers: { purpose: null, function: null, sponsor: null, revocation: null } } })), /^forbidden/)
  const accepted = await joao.client.acceptIdentities({
    body: {
      team: billing,
      chosen: { source: offer.source.id, namespace: 'billing' },
      answers: { purpose: 'Prints and posts the invoices of the month', function: null, sponsor: greta.id, revocation: 'Delete the service account; invoices wait' },
    },
  })
  assert.equal(accepted.decided, offer.identities)
  tell('Offered and accepted', `Billing is offered ${offer.identities} identities of its namespace. Nobody else may take them.`, `João accepts them in one decision, with Greta as sponsor: ${accepted.decided} answer to Billing.`)

  // A guardrail: simulated, then enforced.
  const starters = await ada.client.listStarterGuardrails()
  const text = starters.items.find(({ id }) => id === RULE)?.text ?? ''
  const { simulation } = await finished(ada.client, (await ada.client.simulateGuardrail({ body: { id: RULE, text } })).id)
  assert.ok(simulation && simulation.looked > 0 && simulation.faults.length === 0)
  const guardrail = await propose(ada.client, { kind: 'guardrail', id: RULE, text, stage: 'enforce', graceUntil: null }, 'Wildcards in production are how keys become incidents.')
  assert.match(await refused(approve(ada.client, guardrail.id)), /^forbidden/)
  assert.equal((await approve(kim.client, guardrail.id)).state, 'applied')
  tell('Guarded', `Security simulates "${RULE}": of ${simulation.looked} identities it would hit ${simulation.hit}.`, 'Ada proposes to enforce it and may not approve that herself; Kim does.')

  // More scope: proposed by a developer, refused by the rule, excepted, approved by owner and sponsor.
  const wish: ChangeContent = {
    kind: 'scope',
    identity,
    add: [{ permission: 's3:*', resource: 'arn:aws:s3:::lumen-invoices/*', environment: 'production', level: 'write', until: days(60) }],
    remove: [],
  }
  const change = await propose(tomas.client, wish, 'The archive moves; both buckets are written for two months.')
  assert.deepEqual(change.verdicts.map(({ rule, outcome }) => [rule, outcome]), [[RULE, 'refused']])
  const [verdict] = change.verdicts
  const held = await refused(approve(joao.client, change.id))
  assert.match(held, /^guardrail-exceeded/)
  const exception = await propose(joao.client, { kind: 'exception', rule: RULE, identity, control: 'The bucket takes writes from this account alone, and is read weekly', until: days(70) }, 'For the move of the archive.')
  assert.equal((await approve(ada.client, exception.id)).state, 'applied')
  assert.equal((await approve(joao.client, change.id)).state, 'open', 'the sponsor has not said yes')
  assert.match(await refused(approve(tomas.client, change.id)), /^forbidden/)
  assert.equal((await approve(greta.client, change.id)).state, 'applied')
  tell(
    'Changed',
    `Tomás proposes s3:* on the bucket of invoices. The guardrail refuses: found ${verdict?.found}, allowed ${verdict?.allowed}.`,
    'Security grants an exception with a compensating control and an end; then the owner approves, and the sponsor.',
  )

  // The lead leaves.
  await wait(10)
  await directory.leave(joao.id)
  assert.match(await refused(joao.client.queue()), /^not-signed-in/)
  await wait(0)
  const lapsed = await client.accountability({ params: { id: identity } })
  assert.deepEqual([lapsed.state, lapsed.acceptance], ['lapsed', null])
  assert.ok(lapsed.escalation && !lapsed.escalation.isSuspendDue)
  await wait(7)
  const asked = (await client.accountability({ params: { id: identity } })).escalation?.asked.map(({ name }) => name) ?? []
  assert.ok(asked.includes('Greta Sund'), 'the sponsor was asked')
  const toGreta = (await greta.client.queue()).items.filter((item) => item.kind === 'orphan')
  assert.ok(toGreta.some((item) => item.identity.id === identity))
  tell('Orphaned', 'João leaves; the directory says so, and he is signed out. Billing has nobody left: what it accepted lapses.', `Somebody takes over by ${lapsed.escalation.dueAt.slice(0, 10)}, or it is to be suspended. Asked: ${asked.join(', ')}.`)

  // Handed over.
  const handover: ChangeContent = {
    kind: 'ownership',
    identities: [identity],
    team: checkout,
    until: days(300),
    answers: { purpose: 'Prints and posts the invoices of the month', function: null, sponsor: greta.id, revocation: 'Delete the service account; invoices wait' },
  }
  const approveAll = async (id: string) => {
    assert.match(await refused(approve(tomas.client, id)), /^forbidden/)
    let change = await approve(mara.client, id)
    for (const { filledBy, capacity } of change.seats) if (filledBy === null && capacity === 'sponsor') change = await approve(greta.client, id)
    return change.state
  }
  const taken = await propose(tomas.client, handover, 'Checkout takes the invoices over from Billing.')
  assert.equal(await approveAll(taken.id), 'applied')
  const halfway = await client.accountability({ params: { id: identity } })
  assert.deepEqual([halfway.state, halfway.disagreement?.kinds], ['split', ['function-elsewhere']])
  const { identity: known, function: serves } = await client.identity({ params: { id: identity } })
  const bills: ChangeContent = { kind: 'function', id: known.function, name: serves?.name ?? '', team: checkout, sponsor: greta.id, dataClasses: ['personal', 'payment'], criticality: 'high' }
  const moved = await propose(tomas.client, bills, 'The function goes with the identity that serves it.')
  assert.equal(await approveAll(moved.id), 'applied')
  await wait(0)
  const now = await client.accountability({ params: { id: identity } })
  assert.deepEqual([now.state, now.team?.name, now.escalation], ['accountable', 'Checkout', null])
  tell(
    'Handed over',
    'Checkout takes it over: one of the team proposes, another accepts.',
    `Not yet whole: ${halfway.disagreement?.explanation}`,
    'So the function is handed over as well, and now one team answers for both.',
  )

  // Any day can be asked for.
  const answeredOn = async (day: string) => (await rune.client.accountability({ params: { id: identity }, query: { asOf: day } })).team?.name ?? null
  assert.deepEqual([await answeredOn(days(-10)), await answeredOn(days(0))], ['Billing', 'Checkout'])

  // The auditor proves it, elsewhere.
  await ctx.sequencer.poke()
  const answer = await rune.client.ledgerExport()
  const whole = join(folder, 'ledger.ndjson')
  await writeFile(whole, answer)
  // The key is given by hand, once, as keys are.
  const [key] = await listKeys(ctx.db.read)
  const proof = await verify(whole, '--key', key?.vkey ?? '')
  assert.equal(proof.code, 0, proof.said)
  const exported = await readFile(whole, 'utf8')
  const line = exported.split('\n').findIndex((each) => each.includes('"exception.'))
  const altered = join(folder, 'altered.ndjson')
  await writeFile(altered, exported.replace('exception.', 'exceptiom.'))
  const caught = await verify(altered, '--key', key?.vkey ?? '')
  assert.equal(caught.code, 1)
  assert.match(caught.said, /^ALTERED {2}entry \d+/)
  assert.ok(line > 0)
  tell('Proved', ...proof.said.split('\n'), '', 'One letter of one entry is changed, and it is verified again:', ...caught.said.split('\n'))
})
