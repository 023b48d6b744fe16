import { makeAccountability, makeClaim } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { split } from './split.ts'

const differing = makeAccountability({
  state: 'split',
  claims: [makeClaim({ line: 3 }), makeClaim({ team: 'tm_billing', raw: 'billing', line: 9 })],
  disagreement: {
    kinds: ['claims-differ'], teams: ['tm_payments', 'tm_billing'], names: ['payments', 'billing'],
    explanation: 'The statements name different owners: `payments` (team), `billing` (team).',
  },
})

testRule(split, [
  ['one claim is no disagreement', {}, []],
  ['two labels name different teams', { identity: { accountability: differing } }, ['fail high'], /split: `payments`, `billing`\nThe statements name/],
  ['outside production it is less urgent', { identity: { accountability: differing, isProduction: false } }, ['fail medium']],
  ['a state without its explanation is still said', { identity: { accountability: makeAccountability({ state: 'split' }) } }, ['fail high'], /pointers to its owner disagree/],
  ['a repository', { scope: { kind: 'repository', name: 'estate', accountability: differing } }, ['fail high'], /repository `estate`/],
  ['a namespace with one owner', { scope: {} }, []],
], 'the state of accountability is always computed')
