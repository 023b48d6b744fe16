/** The table test every rule has: through the public judging functions, with the promises that hold for all rules. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Finding } from '../../finding.ts'
import type { Credential, Identity } from '../../identity.ts'
import type { OwnedScope } from '../../owned-scope.ts'
import { judgeIdentity, judgeScope } from '../index.ts'
import type { Estate, Rule } from '../rule.ts'
import { makeEstate, makeIdentity, makeScope } from './make.ts'

type Given = {
  identity?: Partial<Identity>
  credential?: Credential
  scope?: Partial<OwnedScope>
  estate?: Partial<Estate>
}

/** `want` lists the findings: 'fail high', 'unknown'; [] is fine. `says` must match title and detail of the first. */
export type RuleCase = [name: string, given: Given, want: string[], says?: RegExp]

/**
 * Runs the cases, and refuses a table without a failing and a fine one, without an unknown one (unless `alwaysDecided`
 * says why the facts can never be missing), or without a case about a scope where the rule judges scopes.
 */
export function testRule(rule: Rule, cases: readonly RuleCase[], alwaysDecided?: string): void {
  for (const [name, given, want, says] of cases) {
    test(`${rule.id}: ${name}`, () => {
      const findings = findingsOf(rule, given)
      assert.deepEqual(findings.map(wordOf), want)
      for (const finding of findings) assertReadable(finding)
      if (says !== undefined) assert.match(`${findings[0]?.title}\n${findings[0]?.detail}`, says)
    })
  }
  test(`${rule.id}: the table shows every answer the rule can give`, () => {
    const words = cases.flatMap(([, , want]) =>
      want.length === 0 ? ['fine'] : want.map((word) => word.split(' ')[0] ?? ''),
    )
    assert.ok(words.includes('fail'), 'no failing case')
    assert.ok(words.includes('fine'), 'no fine case')
    assert.equal(words.includes('unknown'), alwaysDecided === undefined, 'no unknown case and no reason, or both')
    const judgesScopes = rule.about === 'identity' && rule.judgeScope !== undefined
    assert.equal(
      cases.some(([, given]) => given.scope !== undefined),
      judgesScopes,
      'scopes are judged and not shown, or the other way round',
    )
  })
}

function findingsOf(rule: Rule, given: Given): Finding[] {
  const estate = makeEstate(given.estate)
  const credentials = given.credential === undefined ? {} : { credentials: [given.credential] }
  const all =
    given.scope === undefined
      ? judgeIdentity(makeIdentity({ ...credentials, ...given.identity }), estate)
      : judgeScope(makeScope(given.scope), estate)
  return all.filter((finding) => finding.rule === rule.id)
}

function wordOf(finding: Finding): string {
  return finding.verdict === 'fail' ? `fail ${finding.severity}` : finding.verdict
}

function assertReadable({ title, detail, evidence }: Finding): void {
  for (const text of [title, detail]) {
    assert.doesNotMatch(text, /undefined|null|NaN|\[object|``/)
    assert.match(text, /^[A-Z0-9`]/, `starts like a sentence: ${text}`)
  }
  assert.match(detail, /[.]$/, `ends like a sentence: ${detail}`)
  assert.doesNotMatch(title, /[.]$/, `a title has no full stop: ${title}`)
  assert.ok(evidence.length > 0, 'shows where it is written')
}
