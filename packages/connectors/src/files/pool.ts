/**
 * Reads groups of files in worker processes. A worker that runs out of memory, or is at one step for too long, costs
 * only
 * what it was at: that file is reported as unread by that reader, everything else of its batch is read again.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FileReader } from '../reader.ts'
import { packGroups, type Batch, type Group } from './groups.ts'
import { NO_READER, type Tally } from './read-groups.ts'
import type { Shelf } from './shelves.ts'
import { Turns } from './turns.ts'
import { SLOT, SLOT_BYTES, type FromWorker, type ToWorker, type WorkerDone } from './worker.ts'

/** A batch being read and the next one waiting: bytes in flight stay bounded and no worker idles. */
const BATCHES_PER_WORKER = 2
const WATCH_MS = 250
const SHELVES_AT_ONCE = 200

export type PoolLimits = {
  workers: number
  /** Old generation of each worker's heap. A step that needs more loses its file. */
  heapMb: number
  /**
   * One reader on one unit, by the clock: a list of 30 MB takes seven seconds on an idle core and forty on a crowded one.
   * What loops for ever costs a minute of one worker; the others go on.
   */
  stepMs: number
  /** An estate that ends this many workers is an attack; what is left then is reported, not read. */
  lostWorkers: number
}
export const POOL_LIMITS: Omit<PoolLimits, 'workers'> = { heapMb: 768, stepMs: 60_000, lostWorkers: 40 }

export type PoolOptions = {
  /** URL of the module that exports READERS, and the same list. */
  readersModule: string
  readers: readonly FileReader[]
  limits: PoolLimits
  onDone: (done: WorkerDone, files: number) => void
  /** Observations of one batch, serialised by v8. */
  onObservations: (packed: Uint8Array) => void
}

type Member = {
  child: ChildProcess
  slotFd: number
  inFlight: Batch[]
  lastStep: number
  steppedAt: number
  isReady: boolean
  lostTo: string | null
  ended: Promise<void>
}

export class Pool {
  readonly #options: PoolOptions
  readonly #members = new Set<Member>()
  readonly #watch: NodeJS.Timeout
  #waiting: Batch[] = []
  #nextBatch = 1
  readonly #shelves: Shelf[][] = []
  #lost = 0
  #settle: { resolve: () => void; reject: (reason: unknown) => void } | null = null
  /** A worker that never started: a broken installation, not a broken file. */
  #broken: Error | null = null
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.grow(options.limits.workers)
    this.#watch = setInterval(() => this.#look(), WATCH_MS)
  }

  /** Hires until there are `workers` of them. */
  grow(workers: number): void {
    while (this.#members.size < workers && !this.#isClosed) this.#hire()
  }

  /** What readers may look up, before anything is read. In pieces, because packing all of it would block for long. */
  async share(shelves: readonly Shelf[]): Promise<void> {
    const turns = new Turns()
    for (let start = 0; start < shelves.length; start += SHELVES_AT_ONCE) {
      if (turns.isDue()) await turns.next()
      const piece = shelves.slice(start, start + SHELVES_AT_ONCE)
      this.#shelves.push(piece)
      for (const member of this.#members) if (member.isReady) send(member, { shelves: piece })
    }
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
    clearInterval(this.#watch)
    this.#settle?.reject(new Error('the pool was closed'))
    for (const member of this.#members) member.child.kill('SIGKILL')
    await Promise.all([...this.#members].map((member) => member.ended))
  }

  #hire(): void {
    const { heapMb } = this.#options.limits
    const slotFd = openUnnamed()
    const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), [this.#options.readersModule], {
      execArgv: [
        `--max-old-space-size=${heapMb}`,
        '--permission',
        '--allow-fs-read=*',
        '--disable-warning=ExperimentalWarning',
        '--disable-warning=SecurityWarning',
      ],
      // No environment: it may hold secrets and parsers need none.
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', slotFd],
    })
    let complaint = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      // Only while it starts: what a library prints later may quote a file.
      if (!member.isReady && complaint.length < 2_000) complaint += chunk.toString('utf8')
    })
    const ended = new Promise<void>((resolve) => {
      child.once('close', () => resolve())
      child.once('error', () => resolve())
    })
    const member: Member = {
      child,
      slotFd,
      inFlight: [],
      lastStep: 0,
      steppedAt: performance.now(),
      isReady: false,
      lostTo: null,
      ended,
    }
    this.#members.add(member)
    child.on('message', (message: FromWorker) => this.#hear(member, message))
    child.on('error', (error) => {
      this.#broken ??= error
    })
    child.on('close', (code, signal) => {
      if (!member.isReady)
        this.#broken ??= new Error(`a reading process did not start (${signal ?? `exit code ${code}`})\n${complaint}`)
      // V8 aborts when the heap is full; a shell would call that exit code 134.
      if (signal === 'SIGABRT' || code === 134) member.lostTo ??= `needed more than ${heapMb} MB of memory`
    })
    void ended.then(() => this.#lose(member))
  }

  #hear(member: Member, message: FromWorker): void {
    member.isReady = true
    member.steppedAt = performance.now()
    if (message === 'ready') {
      for (const shelves of this.#shelves) send(member, { shelves })
    } else {
      const { observations, ...done } = message
      const index = member.inFlight.findIndex((batch) => batch.id === done.batch)
      const batch = member.inFlight[index]
      if (!batch || this.#isClosed) return
      member.inFlight.splice(index, 1)
      this.#options.onObservations(observations)
      this.#options.onDone(done, batch.groups[0]?.isAsked ? 0 : batch.files)
    }
    this.#feed()
  }

  #feed(): void {
    for (const member of this.#members) {
      while (member.isReady && member.lostTo === null && member.inFlight.length < BATCHES_PER_WORKER) {
        const batch = this.#waiting.shift()
        if (!batch) break
        if (member.inFlight.length === 0) member.steppedAt = performance.now()
        member.inFlight.push(batch)
        send(member, batch)
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
      const { step } = slotOf(member)
      if (step !== member.lastStep || member.inFlight.length === 0) {
        member.lastStep = step
        member.steppedAt = now
      } else if (now - member.steppedAt > this.#options.limits.stepMs && member.lostTo === null) {
        member.lostTo = `took longer than ${Math.round(this.#options.limits.stepMs / 1000)} s`
        member.child.kill('SIGKILL')
      }
    }
  }

  /** The worker is gone: what it was at is narrowed down, everything else of it is read again. */
  #lose(member: Member): void {
    this.#members.delete(member)
    const at = slotOf(member)
    closeSync(member.slotFd)
    if (this.#broken) this.#settle?.reject(this.#broken)
    if (this.#isClosed || this.#broken) return
    const reason = member.lostTo ?? 'ended its process'
    this.#lost += 1
    const again: Group[] = []
    for (const batch of member.inFlight) {
      const culprit = batch.id === at.batch ? batch.groups[at.group] : undefined
      again.push(...batch.groups.filter((group) => group !== culprit))
      // One that was only asked is met again when it is read.
      if (culprit && !culprit.isAsked) again.push(...this.#narrow(culprit, at.reader, reason))
    }
    if (this.#lost < this.#options.limits.lostWorkers) this.#enqueue(again)
    else this.#giveUp([...again, ...this.#waiting.splice(0).flatMap((batch) => batch.groups)])
    if (this.#waiting.length > 0 || this.#members.size === 0) this.#hire()
    this.#feed()
  }

  /**
   * One file and one reader: that is it, and it is reported. Else the suspects are read one by one, apart from the
   * rest.
   */
  #narrow(group: Group, reader: number, reason: string): Group[] {
    const [first] = group.files
    if (first && group.files.length === 1) {
      const name = this.#options.readers[reader]?.name
      this.#report(
        group.root,
        reader,
        [first.path],
        name ? `${reason} in the ${name} reader: not read` : `${reason}: not read`,
      )
      const readers = reader === NO_READER ? [] : first.readers.filter((index) => index !== reader)
      return readers.length > 0 ? [{ ...group, files: [{ ...first, readers }] }] : []
    }
    if (reader === NO_READER) return group.files.map((file) => ({ ...group, files: [file] }))
    const others = group.files
      .map((file) => ({ ...file, readers: file.readers.filter((index) => index !== reader) }))
      .filter((file) => file.readers.length > 0)
    const suspects = group.files
      .filter((file) => file.readers.includes(reader))
      .map((file) => ({ ...group, files: [{ ...file, readers: [reader] }] }))
    return [...(others.length > 0 ? [{ ...group, files: others }] : []), ...suspects]
  }

  #giveUp(groups: readonly Group[]): void {
    for (const group of groups) {
      if (group.isAsked) continue
      this.#report(
        group.root,
        NO_READER,
        group.files.map((file) => file.path),
        `not read: ${this.#options.limits.lostWorkers} files before it stopped their readers`,
      )
    }
  }

  #report(root: number, reader: number, files: string[], reason: string): void {
    const unread = files.map((file) => ({ file, line: 1, reason }))
    const tally: Tally = { root, reader, files: 0, bytes: 0, observations: 0, unread, unreadCount: unread.length }
    this.#options.onDone({ batch: 0, tallies: [tally], taken: [], inclusions: [] }, 0)
  }

  #enqueue(groups: readonly Group[]): void {
    const batches = packGroups(groups, this.#nextBatch)
    this.#nextBatch += batches.length
    this.#waiting = [...batches, ...this.#waiting]
  }
}

function send(member: Member, message: ToWorker): void {
  member.child.send(message, () => {}) // a worker that is gone is noticed by its exit
}

function slotOf(member: Member): { batch: number; group: number; reader: number; step: number } {
  const slot = new Int32Array(SLOT_BYTES / 4)
  readSync(member.slotFd, slot, 0, SLOT_BYTES, 0)
  const [batch = 0, group = 0, reader = 0, step = 0] = [
    slot[SLOT.batch],
    slot[SLOT.group],
    slot[SLOT.reader],
    slot[SLOT.step],
  ]
  return { batch, group, reader, step }
}

/** A file without a name: it is gone when both sides have closed it, however they end. */
function openUnnamed(): number {
  const directory = mkdtempSync(join(tmpdir(), 'onus-'))
  try {
    return openSync(join(directory, 'slot'), 'w+', 0o600)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
