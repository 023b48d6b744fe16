/**
 * Reads groups of files in worker threads. A worker that runs out of memory, or is at one step for too long, costs only
 * what it was at: that file is reported as unread by that reader, everything else of its batch is read again.
 */
import { Worker, MessageChannel, type MessagePort } from 'node:worker_threads'
import type { FileReader } from '../reader.ts'
import { packGroups, type Batch, type Group } from './groups.ts'
import { NO_READER, type Tally } from './read-groups.ts'
import { SLOT, SLOT_BYTES, type WorkerData, type WorkerDone } from './worker.ts'

/** A batch being read and the next one waiting: bytes in flight stay bounded and no worker idles. */
const BATCHES_PER_WORKER = 2
/** An estate that kills this many workers is an attack; what is left then is reported, not read. */
const MAX_LOST_WORKERS = 40
const WATCH_MS = 250

export type PoolLimits = {
  workers: number
  /** Old generation of each worker's heap. A step that needs more loses its file. */
  heapMb: number
  /** One reader on one unit; a megabyte takes a second at most. */
  stepMs: number
}
export const POOL_LIMITS: Omit<PoolLimits, 'workers'> = { heapMb: 768, stepMs: 20_000 }

export type PoolOptions = {
  /** URL of the module that exports READERS, and the same list. */
  readersModule: string
  readers: readonly FileReader[]
  limits: PoolLimits
  /** Receives the port on which a new worker will send `{ batch, observations }`. */
  onPort: (port: MessagePort) => void
  onDone: (done: WorkerDone, files: number) => void
}

type Member = { worker: Worker; slot: Int32Array; inFlight: Batch[]; lastStep: number; steppedAt: number; isReady: boolean; lostTo: string | null }

export class Pool {
  readonly #options: PoolOptions
  readonly #members = new Set<Member>()
  readonly #accepted: number[] = []
  #waiting: Batch[] = []
  #nextBatch = 1
  #lost = 0
  #settle: { resolve: () => void; reject: (reason: unknown) => void } | null = null
  /** A worker that never started: a broken installation, not a broken file. */
  #broken: Error | null = null
  #isClosed = false
  #watch: NodeJS.Timeout | null = null

  constructor(options: PoolOptions) {
    this.#options = options
    for (let i = 0; i < options.limits.workers; i++) this.#hire()
    this.#watch = setInterval(() => this.#look(), WATCH_MS)
  }

  /** Batches whose observations count; a lost worker may have sent more. */
  get accepted(): readonly number[] {
    return this.#accepted
  }

  /** Resolves when all groups were read or reported. */
  async read(groups: readonly Group[]): Promise<void> {
    this.#enqueue(groups)
    if (this.#broken) throw this.#broken
    if (this.#isIdle()) return
    const done = new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.#feed()
    await done
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#watch) clearInterval(this.#watch)
    this.#settle?.reject(new Error('the pool was closed'))
    await Promise.all([...this.#members].map((member) => member.worker.terminate()))
  }

  #hire(): void {
    const slot = new SharedArrayBuffer(SLOT_BYTES)
    const { port1, port2 } = new MessageChannel()
    this.#options.onPort(port1)
    const workerData: WorkerData = { slot, observations: port2, readers: this.#options.readersModule }
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData, transferList: [port2], stdout: true, stderr: true, // what a library prints about a file may quote it
      resourceLimits: { maxOldGenerationSizeMb: this.#options.limits.heapMb },
    })
    const member: Member = { worker, slot: new Int32Array(slot), inFlight: [], lastStep: 0, steppedAt: performance.now(), isReady: false, lostTo: null }
    this.#members.add(member)
    worker.stdout.resume()
    worker.stderr.resume()
    worker.on('message', (message: 'ready' | WorkerDone) => this.#hear(member, message))
    worker.on('error', (error) => {
      member.lostTo ??= 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? `needed more than ${this.#options.limits.heapMb} MB of memory` : 'made the reader stop'
      if (!member.isReady) this.#broken ??= error instanceof Error ? error : new Error(String(error))
    })
    worker.on('exit', () => this.#lose(member))
  }

  #hear(member: Member, message: 'ready' | WorkerDone): void {
    member.isReady = true
    member.steppedAt = performance.now()
    if (message !== 'ready') {
      const index = member.inFlight.findIndex((batch) => batch.id === message.batch)
      const batch = member.inFlight[index]
      if (!batch) return
      member.inFlight.splice(index, 1)
      this.#accepted.push(message.batch)
      this.#options.onDone(message, batch.files)
    }
    this.#feed()
  }

  #feed(): void {
    for (const member of this.#members) {
      while (member.isReady && member.lostTo === null && member.inFlight.length < BATCHES_PER_WORKER && this.#waiting.length > 0) {
        const batch = this.#waiting.shift()
        if (!batch) break
        if (member.inFlight.length === 0) member.steppedAt = performance.now()
        member.inFlight.push(batch)
        member.worker.postMessage(batch)
      }
    }
    if (this.#isIdle()) this.#settle?.resolve()
  }

  #isIdle(): boolean {
    return this.#waiting.length === 0 && [...this.#members].every((member) => member.inFlight.length === 0)
  }

  #look(): void {
    const now = performance.now()
    for (const member of this.#members) {
      const step = Atomics.load(member.slot, SLOT.step)
      if (step !== member.lastStep || member.inFlight.length === 0) {
        member.lastStep = step
        member.steppedAt = now
      } else if (now - member.steppedAt > this.#options.limits.stepMs && member.lostTo === null) {
        member.lostTo = `took longer than ${Math.round(this.#options.limits.stepMs / 1000)} s`
        void member.worker.terminate()
      }
    }
  }

  /** The worker is gone: what it was at is narrowed down, everything else of it is read again. */
  #lose(member: Member): void {
    this.#members.delete(member)
    if (this.#broken) this.#settle?.reject(this.#broken)
    if (this.#isClosed || this.#broken) return
    const reason = member.lostTo ?? 'made the reader stop'
    const [at, batchId] = [Atomics.load(member.slot, SLOT.group), Atomics.load(member.slot, SLOT.batch)]
    const reader = Atomics.load(member.slot, SLOT.reader)
    this.#lost += 1
    const again: Group[] = []
    for (const batch of member.inFlight) {
      const culprit = batch.id === batchId ? batch.groups[at] : undefined
      again.push(...batch.groups.filter((group) => group !== culprit))
      if (culprit) again.push(...this.#narrow(culprit, reader, reason))
    }
    this.#enqueue(this.#lost < MAX_LOST_WORKERS ? again : this.#giveUp([...again, ...this.#waiting.splice(0).flatMap((batch) => batch.groups)]))
    if (this.#waiting.length > 0 || this.#members.size === 0) this.#hire()
    this.#feed()
  }

  /** One file and one reader: that is it, and it is reported. Else the suspects are read one by one, apart from the rest. */
  #narrow(group: Group, reader: number, reason: string): Group[] {
    const [first] = group.files
    if (first && group.files.length === 1) {
      const name = this.#options.readers[reader]?.name
      this.#report(group.root, reader, [first.path], name ? `${reason} in the ${name} reader: not read` : `${reason}: not read`)
      const readers = reader === NO_READER ? [] : first.readers.filter((index) => index !== reader)
      return readers.length > 0 ? [{ ...group, files: [{ ...first, readers }] }] : []
    }
    if (reader === NO_READER) return group.files.map((file) => ({ ...group, files: [file] }))
    const others = group.files.map((file) => ({ ...file, readers: file.readers.filter((index) => index !== reader) })).filter((file) => file.readers.length > 0)
    const suspects = group.files.filter((file) => file.readers.includes(reader)).map((file) => ({ ...group, files: [{ ...file, readers: [reader] }] }))
    return [...(others.length > 0 ? [{ ...group, files: others }] : []), ...suspects]
  }

  #giveUp(groups: readonly Group[]): Group[] {
    for (const group of groups) {
      this.#report(group.root, NO_READER, group.files.map((file) => file.path), `not read: ${MAX_LOST_WORKERS} files before it stopped their readers`)
    }
    return []
  }

  #report(root: number, reader: number, files: string[], reason: string): void {
    const unread = files.map((file) => ({ file, line: 1, reason }))
    const tally: Tally = { root, reader, files: 0, bytes: 0, observations: 0, unread, unreadCount: unread.length }
    this.#options.onDone({ batch: 0, tallies: [tally], taken: [] }, 0)
  }

  #enqueue(groups: readonly Group[]): void {
    const batches = packGroups(groups, this.#nextBatch)
    this.#nextBatch += batches.length
    this.#waiting = [...batches, ...this.#waiting]
  }
}
