/** A reporter for `node --test`: the files that took longest, because the run must stay short. */
import { relative } from 'node:path'

const SHOWN = 12
type Event = { type: string; data: { file?: string; duration_ms?: number } }

export default async function* slowestFiles(events: AsyncIterable<Event>): AsyncGenerator<string> {
  const files: { file: string; seconds: number }[] = []
  for await (const { type, data } of events)
    if (type === 'test:summary' && data.file)
      files.push({ file: relative(process.cwd(), data.file), seconds: (data.duration_ms ?? 0) / 1_000 })
  const total = files.reduce((sum, { seconds }) => sum + seconds, 0)
  files.sort((a, b) => b.seconds - a.seconds)
  const lines = files.slice(0, SHOWN).map(({ file, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${file}\n`)
  yield `\nLongest of ${files.length} files, ${total.toFixed(0)} s one after another:\n${lines.join('')}`
}
