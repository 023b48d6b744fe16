/** One line on a terminal's stderr that is rewritten; nothing anywhere else. */
import type { ScanProgress } from '@onus/connectors/scan.ts'
import type { Output } from './io.ts'
import { count } from './output/words.ts'

/** Faster cannot be read. */
const REDRAW_MS = 100
const BAR = 24

export class ProgressLine {
  readonly #output: Output | null
  #drawnAt = 0

  constructor(output: Output, isQuiet: boolean) {
    this.#output = output.isTTY && !isQuiet ? output : null
  }

  show(progress: ScanProgress): void {
    const now = performance.now()
    if (this.#output === null || (now - this.#drawnAt < REDRAW_MS && progress.stage !== 'judging')) return
    this.#drawnAt = now
    this.#output.write(`\r\u001b[2K${lineOf(progress)}`)
  }

  clear(): void {
    if (this.#drawnAt > 0) this.#output?.write('\r\u001b[2K')
  }
}

export function lineOf({ stage, files, total, identities }: ScanProgress): string {
  if (stage === 'walking') return `Finding files: ${files.toLocaleString('en-GB')}`
  if (stage === 'judging')
    return identities === undefined
      ? `Joining what ${count(files, 'file')} say`
      : `Judging ${count(identities, 'machine identity')}`
  const share = total ? files / total : 0
  const filled = Math.round(BAR * share)
  return `Reading ${'█'.repeat(filled)}${'·'.repeat(BAR - filled)} ${Math.floor(share * 100)} % of ${count(total ?? 0, 'file')}`
}
