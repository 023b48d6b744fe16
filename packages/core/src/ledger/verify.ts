/**
 * Verifies an export without the server it comes from: is every entry the one that was signed, and does the ledger
 * continue an earlier one? The file is read as a stream; memory does not grow with it.
 */
import { hexToBytes } from '@noble/hashes/utils.js'
import { readCheckpoint, readVerifierKey, signersOf } from './checkpoint.ts'
import type { Checkpoint, SignedCheckpoint, VerifierKey, VerifySignature } from './checkpoint.ts'
import { commitmentOf, KEY_ANNOUNCED } from './entry.ts'
import type { Sha256 } from './entry.ts'
import { isAnnouncement, personalBytes, readCheckpointLine, readEntryLine, readHeader, spells } from './export.ts'
import type { ExportEntry } from './export.ts'
import { decoded, linesOf } from './lines.ts'
import type { Line } from './lines.ts'
import { growingTree, isSameHash, treeHasher } from './merkle.ts'
import type { GrowingTree, Hash, TreeHasher } from './merkle.ts'

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

export type VerifyOptions = {
  sha256: Sha256
  verifySignature: VerifySignature
  /** Whom to trust. Null: the keys that the export names itself, which shows damage but no forgery of the whole. */
  keys: readonly VerifierKey[] | null
  /** An earlier state that somebody kept; the export must continue it. */
  since: SignedCheckpoint | null
}

/** Stable: programs keep them. */
export type AlterationCode =
  | 'entry-altered'
  | 'personal-altered'
  | 'entry-missing'
  | 'entry-extra'
  | 'root-differs'
  | 'checkpoint-altered'
  | 'key-not-trusted'
  | 'history-rewritten'

export type Verified = {
  state: 'verified'
  origin: string
  size: number
  root: Hash
  /** The trusted keys that signed the last checkpoint. */
  signers: VerifierKey[]
  checkpoints: number
  /** Personal values that are shown and match, and those that were erased. */
  shown: number
  erased: number
}
/**
 * `first` is the index of the first altered entry. When only a range can be told, it is from `first` to `last`; both
 * are null when no entry is altered but what is signed about them.
 */
export type Altered = {
  state: 'altered'
  code: AlterationCode
  first: number | null
  last: number | null
  id: string | null
  detail: string
}
export type Verdict = Verified | Altered | { state: 'unreadable'; detail: string }

const altered = (
  code: AlterationCode,
  at: [first: number, last?: number] | null,
  detail: string,
  id: string | null = null,
): Altered => ({
  state: 'altered',
  code,
  first: at ? at[0] : null,
  last: at ? (at[1] ?? at[0]) : null,
  id,
  detail,
})

type EntryFacts = { id: string | null; personal: Record<string, unknown>; announced: string | null }

const NO_FACTS: EntryFacts = { id: null, personal: {}, announced: null }

/** What the verifier needs from an entry. What was hashed is its bytes; a field that is not as expected is left out. */
function factsOf(entry: Uint8Array): EntryFacts {
  let value: unknown
  try {
    value = JSON.parse(decoded(entry) ?? 'null')
  } catch {
    return NO_FACTS
  }
  if (!isObject(value)) return NO_FACTS
  const { id, personal, action, after } = value
  return {
    id: typeof id === 'string' ? id : null,
    personal: isObject(personal) ? personal : {},
    announced: action === KEY_ANNOUNCED && isObject(after) && typeof after['vkey'] === 'string' ? after['vkey'] : null,
  }
}

/** The same without parsing the whole entry, where that is enough; null where it is not. */
function quickFacts(entry: Uint8Array): EntryFacts | null {
  const bytes = isAnnouncement(entry) ? null : personalBytes(entry)
  if (!bytes) return null
  if (bytes.length === EMPTY.length) return NO_FACTS
  let personal: unknown
  try {
    personal = JSON.parse(decoded(bytes) ?? 'null')
  } catch {
    return null
  }
  return isObject(personal) ? { ...NO_FACTS, personal } : null
}
const EMPTY = '{}'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** How far the reading is. */
type Run = {
  options: VerifyOptions
  hasher: TreeHasher
  tree: GrowingTree
  last: SignedCheckpoint
  lastSigners: VerifierKey[]
  known: VerifierKey[]
  trusted: Set<string>
  /** Keys that entries announced since the last signature of a trusted key, which makes them trusted. */
  announced: string[]
  /** Up to here the entries are those that were signed. */
  goodSize: number
  checkpoints: number
  shown: number
  erased: number
}

const WRONG_HEADER = 'checkpoint-altered'

async function begin(line: Line, options: VerifyOptions): Promise<Run | Verdict> {
  const header = line && readHeader(line)
  if (!header) return { state: 'unreadable', detail: 'this is no export of a ledger' }
  const last = readCheckpoint(header.checkpoint)
  if (!last || last.origin !== header.origin || last.size !== header.size)
    return altered(WRONG_HEADER, null, 'the last checkpoint is not what was signed')
  const known = header.keys.flatMap((key) => readVerifierKey(key, options.sha256) ?? [])
  if (known.length < header.keys.length) return altered(WRONG_HEADER, null, 'a key in the export is not spelled as one')
  known.push(...(options.keys ?? []))
  const lastSigners = await signersOf(last, known, options.verifySignature)
  if (!lastSigners) return altered(WRONG_HEADER, null, 'a signature of the last checkpoint is wrong')
  if (options.since && !(await signersOf(options.since, known, options.verifySignature)))
    return { state: 'unreadable', detail: 'the earlier checkpoint is not signed by a key of this ledger' }
  const trusted = new Set(options.keys?.map(({ text }) => text) ?? header.keys)
  const hasher = treeHasher(options.sha256)
  const counts = { goodSize: 0, checkpoints: 0, shown: 0, erased: 0 }
  return { options, hasher, tree: growingTree(hasher), last, lastSigners, known, trusted, announced: [], ...counts }
}

/** Not a promise for an entry: there are millions. */
function readLine(run: Run, line: Line): Altered | null | Promise<Altered | null> {
  const note = line ? readCheckpointLine(line) : undefined
  return note === undefined ? takeEntry(run, line) : takeCheckpoint(run, note)
}

function takeEntry(run: Run, line: Line): Altered | null {
  const index = run.tree.size
  if (index >= run.last.size) return altered('entry-extra', [index], `the signed ledger has ${run.last.size} entries`)
  const entry = line && readEntryLine(line, index)
  if (!entry) return misplaced(line, index)
  const hash = run.hasher.leaf(entry.entry)
  if (!spells(entry.leaf, hash)) {
    return decoded(entry.entry) === 'null'
      ? altered('entry-missing', [index], 'its text is gone')
      : altered('entry-altered', [index], 'its text is not what was hashed into the tree', factsOf(entry.entry).id)
  }
  run.tree.add(hash)
  const facts = quickFacts(entry.entry) ?? factsOf(entry.entry)
  if (facts.announced !== null) run.announced.push(facts.announced)
  return comparePersonal(run, entry, index, facts) ?? compareSince(run)
}

function misplaced(line: Line, index: number): Altered {
  const other = /^\{"index":(\d{1,15}),/.exec(line ? (decoded(line.subarray(0, 40)) ?? '') : '')?.[1]
  return other !== undefined && Number(other) > index
    ? altered('entry-missing', [index], `entry ${other} stands in its place`)
    : altered('entry-altered', [index], 'its line cannot be read')
}

function comparePersonal(run: Run, { personal, entry }: ExportEntry, index: number, facts: EntryFacts): Altered | null {
  for (const [slot, { salt, value }] of Object.entries(personal)) {
    if (facts.personal[slot] !== commitmentOf(hexToBytes(salt), value, run.options.sha256))
      return altered('personal-altered', [index], `its ${slot} is not what was committed to`, factsOf(entry).id)
  }
  const shown = Object.keys(personal).length
  run.shown += shown
  run.erased += Object.keys(facts.personal).length - shown
  return null
}

function compareSince({ options: { since }, tree, last }: Run): Altered | null {
  if (since?.size !== tree.size) return null
  if (since.origin !== last.origin)
    return altered('history-rewritten', null, 'it is the ledger of another installation')
  if (isSameHash(since.root, tree.root())) return null
  return altered(
    'history-rewritten',
    [0, tree.size - 1],
    `the first ${tree.size} entries are not those that were signed before`,
  )
}

async function takeCheckpoint(run: Run, note: string | null): Promise<Altered | null> {
  const { size } = run.tree
  const checkpoint = note === null ? null : readCheckpoint(note)
  const signers =
    checkpoint?.origin === run.last.origin ? await signersOf(checkpoint, run.known, run.options.verifySignature) : null
  if (!checkpoint || !signers)
    return altered('checkpoint-altered', null, `the checkpoint after ${size} entries is not what was signed`)
  if (checkpoint.size !== size)
    return altered('entry-missing', [size], `a checkpoint over ${checkpoint.size} entries stands after ${size}`)
  return compareRoot(run, checkpoint, signers)
}

function compareRoot(run: Run, { root }: Checkpoint, signers: readonly VerifierKey[]): Altered | null {
  const { size } = run.tree
  if (!isSameHash(root, run.tree.root()))
    return altered(
      'root-differs',
      [run.goodSize, size - 1],
      'entries were altered together with their hashes, and the signed root differs',
    )
  run.goodSize = size
  run.checkpoints += 1
  if (signers.some(({ text }) => run.trusted.has(text))) for (const key of run.announced.splice(0)) run.trusted.add(key)
  return null
}

function end(run: Run): Verdict {
  const { tree, last, options, lastSigners, trusted } = run
  const { since } = options
  if (tree.size < last.size)
    return altered('entry-missing', [tree.size], `the export ends after ${tree.size} of ${last.size} entries`)
  const wrong = compareRoot(run, last, lastSigners)
  if (wrong) return wrong
  const signers = lastSigners.filter(({ text }) => trusted.has(text))
  if (signers.length === 0)
    return altered('key-not-trusted', null, 'no given key signed the last checkpoint, or led to the key that did')
  if (since && since.size > last.size)
    return altered('history-rewritten', [last.size, since.size - 1], `${since.size} entries were signed before`)
  const { origin, size, root } = last
  const { checkpoints, shown, erased } = run
  return { state: 'verified', origin, size, root, signers, checkpoints, shown, erased }
}

/**
 * Reads an export to its end, or to the first thing that is not what was signed. Rejects only when `chunks` do. What it
 * cannot tell: entries that were never signed, and with `keys` null whether the keys are the ledger's own.
 */
export async function verifyExport(chunks: Chunks, options: VerifyOptions): Promise<Verdict> {
  let run: Run | null = null
  for await (const lines of linesOf(chunks)) {
    for (const line of lines) {
      if (!run) {
        const begun = await begin(line, options)
        if ('state' in begun) return begun
        run = begun
        const early = compareSince(run)
        if (early) return early
        continue
      }
      const answer = readLine(run, line)
      const wrong = answer instanceof Promise ? await answer : answer
      if (wrong) return wrong
    }
  }
  return run ? end(run) : { state: 'unreadable', detail: 'it is empty' }
}

/**
 * The index of the first entry in which two exports differ by their leaf hashes, as far as both go; null when there is
 * none. Names what `history-rewritten` can only bound.
 */
export async function firstDifference(older: Chunks, newer: Chunks): Promise<number | null> {
  const [a, b] = [leavesOf(older), leavesOf(newer)]
  for (let index = 0; ; index += 1) {
    const [x, y] = [await a.next(), await b.next()]
    if (x.done || y.done) return null
    if (x.value !== y.value) return index
  }
}

async function* leavesOf(chunks: Chunks): AsyncGenerator<string, void, void> {
  for await (const lines of linesOf(chunks))
    for (const line of lines) {
      const leaf = /^\{"index":\d{1,15},"leaf":"([0-9a-f]{64})"/.exec(
        line ? (decoded(line.subarray(0, 120)) ?? '') : '',
      )?.[1]
      if (leaf !== undefined) yield leaf
    }
}
