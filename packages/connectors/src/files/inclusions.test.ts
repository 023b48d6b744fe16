import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { includedOf, inclusionKey } from './inclusions.ts'

/** `a>b c`: a includes b and c. */
const included = (...said: string[]): string[] => {
  const inclusions = said.map((one) => {
    const [from = '', to = ''] = one.split('>')
    return { root: 0, reader: 0, from, to: to.split(' ') }
  })
  return [...includedOf(inclusions)].map((key) => key.slice(inclusionKey(0, 0, '').length)).sort()
}

const CASES: [name: string, said: string[], want: string[]][] = [
  ['what another includes is included, however deep', ['a>b', 'b>c d'], ['b', 'c', 'd']],
  ['what includes itself is not', ['a>a'], []],
  ['of a circle the first stands for itself', ['b>a', 'a>b'], ['b']],
  ['a circle that is reached from outside is included as a whole', ['z>b', 'b>a', 'a>b'], ['a', 'b']],
  ['two circles apart', ['a>b', 'b>a', 'c>d', 'd>c'], ['b', 'd']],
  ['a circle that leads into another', ['a>b', 'b>a c', 'c>d', 'd>c'], ['b', 'c', 'd']],
]
for (const [name, said, want] of CASES) test(name, () => assert.deepEqual(included(...said), want))

test('everything is reached from something that stands for itself', () => {
  const node = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  fc.assert(
    fc.property(fc.array(fc.tuple(node, node), { maxLength: 12 }), (pairs) => {
      const edges = pairs.filter(([from, to]) => from !== to)
      const within = new Set(included(...edges.map(([from, to]) => `${from}>${to}`)))
      const reached = new Set(edges.flat().filter((one) => !within.has(one)))
      for (let size = -1; size !== reached.size; ) {
        size = reached.size
        for (const [from, to] of edges) if (reached.has(from)) reached.add(to)
      }
      for (const one of edges.flat()) assert.ok(reached.has(one), one)
    }),
  )
})
