/** What a command talks to; tests bring their own. */
import type { Writable } from 'node:stream'

export type Output = Writable & { isTTY?: boolean; columns?: number }
export type Io = {
  stdout: Output
  stderr: Output
  env: Readonly<Record<string, string | undefined>>
  /** Aborted when the person interrupts. */
  signal: AbortSignal
  now: () => Date
}

/** Stable: people's pipelines depend on them. */
export const EXIT = {
  ok: 0,
  /** Findings at or above `--fail-on`; a manifest that is wrong; a ledger that was altered. */
  findings: 1,
  /** Bad usage, or nothing that was named could be read. */
  usage: 2,
  /** The scan is done, but its result could not be written or sent. */
  notDelivered: 3,
  interrupted: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** A command cannot go on; the message says what to do and is shown as it is. */
export class Stop extends Error {
  readonly exitCode: ExitCode
  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Writes piece by piece and waits for a slow reader, so that a report of any size needs little memory. */
export async function writeAll(output: Writable, pieces: Iterable<string>): Promise<void> {
  let buffered = ''
  for (const piece of pieces) {
    buffered += piece
    if (buffered.length < 65_536) continue
    await write(output, buffered)
    buffered = ''
  }
  if (buffered !== '') await write(output, buffered)
}

/** The same for bytes that come bit by bit. */
export async function copyAll(output: Writable, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) await write(output, chunk)
}

function write(output: Writable, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(text, (error) => (error ? reject(error) : resolve()))
  })
}
