/** The main thread's side of the estate's worker. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Observation } from '@onus/core/observation.ts'
import type { Summary } from '@onus/core/report.ts'
import type { EstateParts, FromEstate, ReportAsk, ToEstate } from './estate-worker.ts'

/** Everything known about an estate is in this heap at once: some hundred thousand identities. */
const HEAP_MB = 6_144

export class Estate {
  readonly #worker = new Worker(new URL('./estate-worker.ts', import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  readonly #failed: Promise<never>

  constructor() {
    this.#failed = once(this.#worker, 'error').then(([error]) => {
      throw 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? new Error(`the estate needs more than ${HEAP_MB} MB of memory to be joined: scan parts of it`)
        : error
    })
    this.#failed.catch(() => {}) // heard by whoever asks
  }

  /** Takes over the bytes: observations of one batch as a reading process packed them. */
  addPacked(observations: Uint8Array): void {
    // A copy in memory of its own, to be handed over; the received bytes are part of a larger buffer.
    const bytes = new Uint8Array(observations)
    this.#worker.postMessage({ kind: 'packed', observations: bytes } satisfies ToEstate, [bytes.buffer])
  }

  add(observations: Observation[]): void {
    this.#tell({ kind: 'observations', observations })
  }

  async suggest(): Promise<string> {
    const answer = await this.#ask({ kind: 'finish', ask: { kind: 'suggestion' } })
    if (answer.kind !== 'suggestion') throw new Error(`the estate's worker answered ${answer.kind}`)
    return answer.text
  }

  /** `onJudged`: all is known, the pieces follow. */
  async report(ask: ReportAsk, onJudged: (identities: number) => void): Promise<EstateParts & { summary: Summary }> {
    const parts: EstateParts = {
      identities: [],
      scopes: [],
      teams: [],
      functions: [],
      services: [],
      apis: [],
      findings: [],
    }
    let answer = await this.#ask({ kind: 'finish', ask })
    for (; answer.kind !== 'end'; answer = await this.#ask({ kind: 'next' })) {
      if (answer.kind === 'judged') onJudged(answer.identities)
      if (answer.kind !== 'part') continue
      // The worker sends each part's own items; a computed key loses that.
      const items = parts[answer.part] as unknown[]
      for (const item of answer.items) items.push(item)
    }
    return { ...parts, summary: answer.summary }
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  async #ask(message: ToEstate): Promise<FromEstate> {
    const answered = once(this.#worker, 'message')
    this.#tell(message)
    const [answer] = await Promise.race([answered, this.#failed])
    return answer as FromEstate // the worker sends nothing else
  }

  #tell(message: ToEstate): void {
    this.#worker.postMessage(message)
  }
}
