/** Lines of a file that is never whole in memory. */

/** Of an entry of 64 kB with its personal values, escaped; a longer line is none of ours. */
export const MAX_LINE_BYTES = 1024 * 1024

const NEWLINE = 10
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A line without its end. Null when it is too long, or the file ends before the line does. */
export type Line = Uint8Array | null

/** The text of some bytes, or null when they are no UTF-8. */
export function decoded(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

/** The lines of a file, some at a time, as views that hold until the next are asked for. Ends at a line too long. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Line[], void, void> {
  let rest = new Uint8Array(0)
  for await (const chunk of chunks) {
    let bytes = chunk
    if (rest.length > 0) {
      bytes = new Uint8Array(rest.length + chunk.length)
      bytes.set(rest)
      bytes.set(chunk, rest.length)
    }
    const lines: Line[] = []
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      lines.push(end - from > MAX_LINE_BYTES ? null : bytes.subarray(from, end))
      from = end + 1
    }
    // A copy: whoever gave the chunk may use its memory again.
    rest = bytes.slice(from)
    const isTooLong = rest.length > MAX_LINE_BYTES
    yield isTooLong ? [...lines, null] : lines
    if (isTooLong) return
  }
  if (rest.length > 0) yield [null]
}
