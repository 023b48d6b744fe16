/** Which lines two texts share, and which only one of them has: a longest common subsequence. */

export type DiffedLine = { kind: 'same' | 'gone' | 'new'; text: string }

/** Beyond this many pairs of lines the texts are told one after the other, which is quick and still true. */
const MOST_PAIRS = 400_000

export function lineDiff(before: string, after: string): DiffedLine[] {
  const a = before.split('\n')
  const b = after.split('\n')
  if (a.length * b.length > MOST_PAIRS) return [...a.map((text) => ({ kind: 'gone' as const, text })), ...b.map((text) => ({ kind: 'new' as const, text }))]
  const common = commonLengths(a, b)
  const lines: DiffedLine[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]]
    if (left !== undefined && left === right) {
      lines.push({ kind: 'same', text: left })
      i += 1
      j += 1
    } else if (left !== undefined && (right === undefined || lengthAt(common, i + 1, j) >= lengthAt(common, i, j + 1))) {
      lines.push({ kind: 'gone', text: left })
      i += 1
    } else {
      // One of the two is there, or the loop had ended.
      lines.push({ kind: 'new', text: right ?? '' })
      j += 1
    }
  }
  return lines
}

const lengthAt = (common: number[][], i: number, j: number): number => common[i]?.[j] ?? 0

/** How many lines the ends from `i` and from `j` on have in common. */
function commonLengths(a: string[], b: string[]): number[][] {
  const common: number[][] = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0))
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row = common[i] ?? []
    for (let j = b.length - 1; j >= 0; j -= 1) row[j] = a[i] === b[j] ? lengthAt(common, i + 1, j + 1) + 1 : Math.max(lengthAt(common, i + 1, j), lengthAt(common, i, j + 1))
  }
  return common
}
