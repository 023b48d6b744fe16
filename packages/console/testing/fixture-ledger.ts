/** A ledger of the made-up company, really hashed and signed, so that the browser can verify it, and one can alter it. */
import type { Entry } from '@onus/core/ledger/entry.ts'
import type { LedgerDetail, LedgerRow, LedgerState } from '@onus/core/ledger/shapes.ts'
import { consistencyParts, foldPeaks, inclusionParts, rootOf, treeHasher } from '@onus/core/ledger/merkle.ts'
import type { Hash, Node } from '@onus/core/ledger/merkle.ts'
import { entryText } from '@onus/core/ledger/entry.ts'
import { entryBundle, readTilePath } from '@onus/core/ledger/tiles.ts'
import { exportLines, madeEntries, newSigner, noteOf, ORIGIN, sha256 } from '@onus/core/ledger/testing/made-ledger.ts'
import type { MadeEntry, Signer } from '@onus/core/ledger/testing/made-ledger.ts'
import { FixtureProblem } from './fixture-problem.ts'

export type LedgerWorld = {
  entries: MadeEntry[]
  signer: Signer
  /** What the server does to an export before it sends it; for tests of what a verifier notices. */
  forge: (lines: string[]) => string[]
}

const hasher = treeHasher(sha256)
const hex = (hash: Hash): string => Buffer.from(hash).toString('hex')

export function ledgerWorld(count = 120): LedgerWorld {
  return { entries: madeEntries(count), signer: newSigner(), forge: (lines) => lines }
}

const leavesOf = ({ entries }: LedgerWorld): Hash[] => entries.map(({ entry }) => hasher.leaf(Buffer.from(entryText(entry, sha256))))

export function ledgerStateOf(world: LedgerWorld): LedgerState {
  return {
    origin: ORIGIN, size: world.entries.length, root: hex(rootOf(leavesOf(world), hasher)), signedAt: new Date(Date.now() - 120_000).toISOString(), queued: 0, oldestQueuedAt: null, trouble: null,
    keys: [{ vkey: world.signer.key.text, createdAt: '2026-04-01T00:00:00.000Z', retiredAt: null }],
  }
}

export function exportOf(world: LedgerWorld): string {
  const lines = exportLines({ entries: world.entries, signersAt: () => [world.signer], checkpoints: [50], keys: [world.signer.key] })
  return world.forge(lines).map((line) => `${line}\n`).join('')
}

const rowOf = (world: LedgerWorld, index: number): LedgerRow => {
  // Asked for within its length.
  const { entry, shown } = world.entries[index] as MadeEntry
  return { index, stage: 'published', entry, actorName: index % 4 === 3 ? null : 'Ada Quill', personal: Object.fromEntries(Object.entries(shown).map(([slot, { value }]) => [slot, value])) }
}

type Ask = { action?: string | undefined; change?: string | undefined; subject?: string | undefined; actor?: string | undefined; from?: string | undefined; to?: string | undefined }

export function ledgerRows(world: LedgerWorld, ask: Ask): LedgerRow[] {
  const fits = ({ action, change, subject, actor, at }: Entry): boolean =>
    (ask.action === undefined || action === ask.action) && (ask.change === undefined || change === ask.change) && (ask.subject === undefined || subject.id === ask.subject)
    && (ask.actor === undefined || actor.id === ask.actor) && (ask.from === undefined || at >= ask.from) && (ask.to === undefined || at < ask.to)
  return world.entries.map((_, index) => rowOf(world, index)).filter(({ entry }) => fits(entry)).toReversed()
}

const noteAt = (world: LedgerWorld, leaves: Hash[]): string => noteOf(ORIGIN, leaves.length, rootOf(leaves, hasher), [world.signer])

function folded(leaves: Hash[], parts: Node[][]): string[] {
  return parts.map((nodes) => hex(foldPeaks(nodes.map(({ level, index }) => rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level), hasher)), hasher)))
}

export function ledgerEntryOf(world: LedgerWorld, id: string): LedgerDetail {
  const index = world.entries.findIndex(({ entry }) => entry.id === id)
  if (index < 0) throw new FixtureProblem({ status: 404, code: 'not-found', title: 'Not found', detail: `no entry has the id ${id}` })
  const leaves = leavesOf(world)
  const row = rowOf(world, index)
  return {
    ...row,
    inclusion: { text: entryText(row.entry, sha256), leaf: hex(leaves[index] as Hash), index, size: leaves.length, proof: folded(leaves, inclusionParts(index, leaves.length)), checkpoint: noteAt(world, leaves) },
  }
}

export function consistencyOf(world: LedgerWorld, oldSize: number) {
  const leaves = leavesOf(world)
  return { oldSize, size: leaves.length, proof: folded(leaves, consistencyParts(oldSize, leaves.length)), checkpoint: noteAt(world, leaves) }
}

export const checkpointOf = (world: LedgerWorld): string => noteAt(world, leavesOf(world))

/** The bytes of a tile, one a character. */
export function tileOf(world: LedgerWorld, path: string): string {
  const tile = readTilePath(`tile/${path}`)
  if (!tile || tile.level !== 'entries' && tile.level !== 0) throw new FixtureProblem({ status: 404, code: 'not-found', title: 'Not found', detail: 'no such tile' })
  const [from, to] = [tile.index * 256, tile.index * 256 + tile.width]
  const bytes = tile.level === 0 ? Buffer.concat(leavesOf(world).slice(from, to)) : entryBundle(world.entries.slice(from, to).map(({ entry }) => Buffer.from(entryText(entry, sha256))))
  return Buffer.from(bytes).toString('latin1')
}

/** Entries are decided on. */
export function grow(world: LedgerWorld, count: number): void {
  world.entries = madeEntries(world.entries.length + count)
}

/** The tree grows only by what is decided; this one was written anew. */
export function rewrite(world: LedgerWorld): void {
  world.entries = world.entries.map((made, index) => (index === 3 ? { ...made, entry: { ...made.entry, actor: { kind: 'person', id: 'per_other' } } } : made))
}
