/** How far a scan is: one line that is drawn over on a terminal, a line for each stage in a pipe. */
import type { Progress } from '../jobs/task.ts'

const WIDTH = 24

export type Shown = { update(progress: Progress): void; end(line: string): void }

export function showProgress(out: { isTTY?: boolean; write(text: string): unknown }, label: string): Shown {
  let stage = ''
  const line = ({ stage: now, done, total }: Progress): string => {
    const share = total ? Math.min(1, done / total) : 0
    const filled = Math.round(share * WIDTH)
    const bar = total
      ? `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${done}/${total}`
      : done > 0
        ? String(done)
        : ''
    return `${label}: ${now} ${bar}`.trimEnd()
  }
  return {
    update(progress) {
      if (out.isTTY) out.write(`\r\u001b[2K${line(progress)}`)
      else if (progress.stage !== stage) out.write(`${label}: ${progress.stage}\n`)
      stage = progress.stage
    },
    end(text) {
      out.write(`${out.isTTY ? '\r\u001b[2K' : ''}${label}: ${text}\n`)
    },
  }
}

/** A path as a person may print it: control characters could move the cursor or hide text. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\u{fffd}')
}
