/** Lines of a text, found when the first is asked for: most files are read without anyone asking. */
export class LineStarts {
  readonly #text: string
  #starts: number[] | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** 1-based line of an offset; offsets outside the text count as its first or last line. */
  lineAt(offset: number): number {
    const starts = (this.#starts ??= startsOf(this.#text))
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      // `middle` is below the length, so the start exists.
      if ((starts[middle] as number) <= offset) low = middle + 1
      else high = middle
    }
    return Math.max(1, low)
  }
}

function startsOf(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
