import { makeAccountability, makeClaim, makeUnowned } from '../testing/make.ts'
import { testRule } from '../testing/test-rule.ts'
import { ownerIsAPerson } from './owner-is-a-person.ts'

const person = { reading: 'person', raw: 'Ada Moss', key: 'lumen.example/owner' } as const

testRule(ownerIsAPerson, [
  ['a team is named', {}, []],
  ['nobody is named', { identity: { accountability: makeUnowned() } }, []],
  ['a person beside the team is a contact', { identity: { accountability: makeAccountability({ claims: [makeClaim(), makeClaim({ ...person, team: null })] }) } }, []],
  ['a label names a person', { identity: { accountability: makeUnowned(person) } }, ['fail medium'], /answers to a person: `Ada Moss`\n.*`lumen\.example\/owner`/],
  ['outside production it is less urgent', { identity: { accountability: makeUnowned(person), isProduction: false } }, ['fail low']],
  ['what the namespace says is reported on the namespace', { identity: { accountability: makeUnowned({ ...person, isInherited: true }) } }, []],
  ['a catalog entry beside a cloud role speaks of the role', { identity: { namespace: null, accountability: makeUnowned({ ...person, isInherited: true, via: 'catalog' }) } }, ['fail medium']],
  ['an author in the history is no owner', { identity: { accountability: makeUnowned({ ...person, via: 'history' }) } }, []],
  ['a namespace names a person', { scope: { accountability: makeUnowned(person) } }, ['fail medium'], /namespace `payments` answers to a person/i],
  ['CODEOWNERS of a repository names a person', { scope: { kind: 'repository', accountability: makeUnowned({ ...person, via: 'codeowners', isInherited: true }) } }, ['fail medium']],
  ['for a namespace CODEOWNERS is only the file around it', { scope: { accountability: makeUnowned({ ...person, via: 'codeowners', isInherited: true }) } }, []],
], 'whether a name is a person is read from the name alone')
