/**
 * Text from scanned systems, made harmless and measured for a terminal (T46: no escape sequence of a name reaches
 * it).
 */
import stringWidth from 'string-width'

/**
 * What may act on a terminal or make text read as something else: C0 and C1 controls (U+009B starts a sequence like
 * ESC [), line separators, bidirectional controls, invisible characters, tags, lone surrogates.
 */
const UNSAFE =
  /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu

/** One line of text: white space as a space, anything that could act shown as its code. */
export function plain(text: string): string {
  return text.replace(/\s+/gu, ' ').replace(UNSAFE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}

/** Columns that text takes: two for East Asian wide characters and emoji, none for combining marks. */
export const columnsOf = (text: string): number => stringWidth(text)

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Harmless text of at most `columns`; what is cut off shows as an ellipsis. */
export function fit(text: string, columns: number): string {
  // A name of a megabyte is not measured to its end: no character is narrower than a quarter of a column here.
  const safe = plain(text.slice(0, columns * 40))
  if (columnsOf(safe) <= columns) return safe
  let kept = ''
  let width = 0
  for (const { segment } of graphemes.segment(safe)) {
    width += columnsOf(segment)
    if (width > columns - 1) break
    kept += segment
  }
  return `${kept}…`
}

/** As `fit`, filled up with spaces. */
export function cell(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const fitted = fit(text, columns)
  const space = ' '.repeat(Math.max(0, columns - columnsOf(fitted)))
  return align === 'left' ? fitted + space : space + fitted
}

/** Harmless text in lines of at most `columns`, broken between words; at most `maxLines`, the last one cut. */
export function wrap(text: string, columns: number, maxLines = 4): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of plain(text.slice(0, columns * maxLines * 4)).split(' ')) {
    if (line !== '' && columnsOf(line) + 1 + columnsOf(word) > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '') lines.push(line)
  const kept = lines.slice(0, maxLines).map((one) => fit(one, columns))
  const last = kept.at(-1)
  if (lines.length > maxLines && last !== undefined) kept[kept.length - 1] = fit(`${last} …`, columns)
  return kept
}
