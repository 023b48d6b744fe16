import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcome } from '../changes/testing/estate.ts'
import { testDatabases } from '../testing/database.ts'
import { CODE_MS } from './links.ts'
import { commentOf, hub } from './testing/company.ts'
import type { Hub } from './testing/company.ts'
import type { Account } from './testing/fake-github.ts'

const it = await hub(await (await testDatabases()).fresh())
await it.open()
await it.work()
const begin = async (by: Hub['ada'], login: string): Promise<string> => (await by.client.beginGithubLink({ body: { login } })).comment
const linked = async (by: Hub['ada']): Promise<number | null> => (await by.client.github()).link?.accountId ?? null
const say = (by: Account, body: string): Promise<number> => it.deliver('issue_comment', commentOf(it, by, body))
async function answer(): Promise<string> {
  await it.work()
  return it.github.comments.at(-1)?.body ?? ''
}

test('a person names an account, the account says so, and both are told', async () => {
  const comment = await begin(it.ada, 'Ada-GH')
  assert.match(comment, /^\/onus link [A-Za-z0-9_-]{43}$/)
  assert.equal(await linked(it.ada), null, 'naming an account is not enough')
  await say(it.adaGh, comment)
  assert.equal(await linked(it.ada), it.adaGh.id)
  assert.equal(await answer(), 'This account is linked to a person in Onus now.')
  const notice = await it.ctx.db.read.selectFrom('notice').select('text').where('person_id', '=', it.ada.id).orderBy('id', 'desc').executeTakeFirstOrThrow()
  assert.match(notice.text, /Your account `ada-gh` on GitHub is linked/)
  const { items } = await it.abe.client.listLedger({ query: { action: 'github.link' } })
  assert.deepEqual([items[0]?.entry.actor.id, items[0]?.entry.after?.['account']], [it.ada.id, it.adaGh.id])
})

test('a code links nothing but the account for which it was made, once, for a quarter of an hour', async () => {
  const cases: [name: string, attempt: (comment: string) => Promise<unknown>][] = [
    ['somebody else who reads it', (comment) => say(it.carolGh, comment)],
    ['a guess', () => say(it.bobGh, `/onus link ${'A'.repeat(43)}`)],
    ['an edit of a comment', (comment) => it.deliver('issue_comment', { ...commentOf(it, it.bobGh, comment), action: 'edited' })],
    ['a comment in the name of another', (comment) => it.deliver('issue_comment', { ...commentOf(it, it.carolGh, comment), sender: it.bobGh })],
    ['a comment of another that they touched', (comment) => it.deliver('issue_comment', { ...commentOf(it, it.bobGh, comment), sender: it.carolGh })],
    ['a comment on an issue', (comment) => it.deliver('issue_comment', { ...commentOf(it, it.bobGh, comment), issue: { number: 3 } })],
    ['a comment in another repository', (comment) => it.deliver('issue_comment', { ...commentOf(it, it.bobGh, comment), repository: { id: 1, full_name: 'evil/x', default_branch: 'main' } })],
    ['more than the code', (comment) => say(it.bobGh, `${comment} please`)],
    ['too late', async (comment) => { await it.turn(new Date(it.clock.now.getTime() + CODE_MS).toISOString()); await say(it.bobGh, comment) }],
    ['after a newer code', async (comment) => { await begin(it.bob, 'bob-gh'); await say(it.bobGh, comment) }],
  ]
  for (const [name, attempt] of cases) {
    await attempt(await begin(it.bob, 'bob-gh'))
    assert.equal(await linked(it.bob), null, name)
  }
  const comment = await begin(it.bob, 'bob-gh')
  await say(it.bobGh, comment)
  assert.equal(await linked(it.bob), it.bobGh.id)
  await it.bob.client.endGithubLink()
  await say(it.bobGh, comment)
  assert.equal(await linked(it.bob), null, 'used twice')
  assert.match(await answer(), /This code does not work/)
})

test('an account is one person’s: another does not take it, and a person has one', async () => {
  await say(it.adaGh, await begin(it.dan, 'ada-gh'))
  assert.deepEqual([await linked(it.dan), await linked(it.ada)], [null, it.adaGh.id])
  assert.match(await answer(), /linked to somebody else/)
  await say(it.carolGh, await begin(it.ada, 'carol-gh'))
  assert.equal(await linked(it.ada), it.carolGh.id)
  await say(it.adaGh, await begin(it.dan, 'ada-gh'))
  assert.equal(await linked(it.dan), it.adaGh.id)
})

test('only a person links, for themselves: no token, and who operates links nobody else', async () => {
  const token = await it.token(it.ada, 'read', 'propose')
  assert.equal(await outcome(token.client.beginGithubLink({ body: { login: 'ada-gh' } })), 'not-signed-in')
  await say(it.bobGh, await begin(it.olga, 'bob-gh'))
  assert.deepEqual([await linked(it.olga), await linked(it.bob)], [it.bobGh.id, null])
  assert.equal(await outcome(it.bob.client.endGithubLink()), 'not-found')
  assert.equal(await outcome(it.bob.client.beginGithubLink({ body: { login: 'nobody-of-this-name' } })), 'invalid-request')
  assert.equal(await outcome(it.bob.client.beginGithubLink({ body: { login: '../repos' } })), 'invalid-request')
})

test('a code rests as a fingerprint', async () => {
  const comment = await begin(it.gil, 'bob-gh')
  const rows = await it.ctx.db.read.selectFrom('github_link_code').selectAll().execute()
  const code = comment.replace('/onus link ', '')
  assert.ok(rows.length > 0)
  assert.ok(!JSON.stringify(rows).includes(code) && rows.every((row) => !row.code_hash.includes(Buffer.from(code, 'base64url'))))
  assert.ok(!it.logged().includes(code))
})
