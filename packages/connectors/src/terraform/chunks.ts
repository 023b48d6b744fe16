/**
 * Cuts a file into pieces that can be parsed alone: so that a broken block does not take its neighbours with it, and a
 * very large file does not need a tree of all of it. Terraform's own formatter puts every top-level block at the start
 * of a line; a piece begins at such a line, outside heredocs and block comments.
 */
export type Chunk = { start: number; end: number }

const TOP_LEVEL = new Set([
  'resource',
  'data',
  'module',
  'variable',
  'output',
  'locals',
  'provider',
  'terraform',
  'moved',
  'import',
  'removed',
  'check',
  'ephemeral',
])

/** The pieces of `text`, in order and without gaps; the first may hold what precedes the first block. */
export function topLevelChunks(text: string): Chunk[] {
  const chunks: Chunk[] = []
  let start = 0
  let position = 0
  while (position < text.length) {
    const end = lineEnd(text, position)
    if (opensBlock(text, position, end)) {
      if (position > start) chunks.push({ start, end: position })
      start = position
    }
    position = skipHeredoc(text, position, end) ?? skipComment(text, position, end) ?? end
  }
  if (text.length > start) chunks.push({ start, end: text.length })
  return chunks
}

/** The offset after the line break that ends the line at `position`. */
function lineEnd(text: string, position: number): number {
  const at = text.indexOf('\n', position)
  return at === -1 ? text.length : at + 1
}

function opensBlock(text: string, position: number, end: number): boolean {
  let at = position
  while (at < end && isLetter(text.charCodeAt(at))) at++
  if (at === position || !TOP_LEVEL.has(text.slice(position, at))) return false
  while (at < end && (text[at] === ' ' || text[at] === '\t')) at++
  return text[at] === '"' || text[at] === '{'
}

function isLetter(code: number): boolean {
  return code >= 97 && code <= 122
}

/** The offset after a heredoc that opens on this line, or null: none opens, or none of its kind ends. */
function skipHeredoc(text: string, position: number, end: number): number | null {
  const line = text.slice(position, end)
  const opener = line.lastIndexOf('<<')
  const word = opener === -1 ? undefined : /^<<-?([A-Za-z_][\w-]*)\s*$/.exec(line.slice(opener))?.[1]
  if (word === undefined) return null
  for (let start = end; start < text.length;) {
    const next = lineEnd(text, start)
    if (next - start < word.length + 200 && text.slice(start, next).trim() === word) return next
    start = next
  }
  return null
}

function skipComment(text: string, position: number, end: number): number | null {
  const line = text.slice(position, end).trimStart()
  if (!line.startsWith('/*')) return null
  const close = text.indexOf('*/', position)
  return close === -1 ? null : lineEnd(text, close)
}
