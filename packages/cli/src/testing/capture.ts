/** Runs the command in this process and keeps what it prints. */
import { Writable } from 'node:stream'
import type { ExitCode, Io, Output } from '../io.ts'
import { run } from '../run.ts'

export type Captured = { code: ExitCode; stdout: string; stderr: string }
export type CaptureOptions = {
  isTerminal?: boolean
  columns?: number
  env?: Record<string, string>
  signal?: AbortSignal
}

/** A fixed clock, so that reports of one estate are equal. */
export const NOW = new Date('2026-08-21T00:00:00Z')

export async function onus(args: readonly string[], options: CaptureOptions = {}): Promise<Captured> {
  const stdout = new Capture(options)
  const stderr = new Capture(options)
  const io: Io = {
    stdout,
    stderr,
    env: options.env ?? {},
    signal: options.signal ?? new AbortController().signal,
    now: () => NOW,
  }
  const code = await run(args, io)
  return { code, stdout: stdout.text, stderr: stderr.text }
}

class Capture extends Writable implements Output {
  text = ''
  isTTY?: boolean
  columns?: number

  constructor(options: CaptureOptions) {
    super({ decodeStrings: false })
    if (options.isTerminal) this.isTTY = true
    if (options.columns !== undefined) this.columns = options.columns
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}
