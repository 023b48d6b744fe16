/**
 * A door to PostgreSQL that counts what goes through and shuts for ever at a chosen step. A step is a statement on its way
 * in, or the answer to one on its way out: shut before the first, the database never heard of it; shut before the second,
 * it was done and nobody knows. Both ends see what they see when the process behind the door is killed there.
 */
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { Connection } from '../../postgres/cluster.ts'

export type Door = {
  /** Where the server under test finds its database. */
  connection: Connection
  steps(): number
  /** Shuts at that step, counted from the first; `onShut` is called first. */
  shutAt(step: number, onShut: () => void): void
  shut(): void
}

/** Query and Sync: with them a statement, or the end of one, is handed over. */
const ASKS = new Set(['Q'.charCodeAt(0), 'S'.charCodeAt(0)])
/** ReadyForQuery (PostgreSQL, 55.7). */
const IS_READY = 'Z'.charCodeAt(0)

/** Cuts a stream into messages: a letter and a length; the first of a connection has no letter. */
function messages(hasLetter: boolean, each: (message: Buffer, type: number | null) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  let isFirst = !hasLetter
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (;;) {
      const head = isFirst ? 0 : 1
      if (rest.length < head + 4) return
      const length = head + rest.readInt32BE(head)
      if (rest.length < length) return
      const message = rest.subarray(0, length)
      rest = rest.subarray(length)
      each(message, isFirst ? null : (message[0] ?? null))
      isFirst = false
    }
  }
}

export async function databaseDoor(to: Connection): Promise<Door> {
  const sockets = new Set<Socket>()
  let steps = 0
  let last = Number.POSITIVE_INFINITY
  let onLast = (): void => {}
  let isShut = false
  const server = createServer((near) => {
    const far = connect(to.host.startsWith('/') ? { path: `${to.host}/.s.PGSQL.${to.port}` } : to)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    if (isShut) near.destroy()
    // Held back until it is asked for as a whole: PostgreSQL begins before the end.
    let held: Buffer[] = []
    near.on('data', messages(false, (message, type) => {
      if (isShut) return
      held.push(message)
      const isPart = type !== null && 'PBDEC'.includes(String.fromCharCode(type))
      if (isPart || (type !== null && ASKS.has(type) && !pass())) return
      far.write(Buffer.concat(held))
      held = []
    }))
    far.on('data', messages(true, (message, type) => {
      if (isShut || (type === IS_READY && !pass())) return
      near.write(message)
    }))
  })
  const shut = (): void => {
    isShut = true
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  /** Counts a step; false when the door is shut before it. */
  const pass = (): boolean => {
    steps += 1
    if (steps < last) return true
    onLast()
    shut()
    return false
  }
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()))
  server.unref()
  const { port } = server.address() as AddressInfo
  return {
    connection: { ...to, host: '127.0.0.1', port },
    steps: () => steps,
    shutAt(step, onShut) {
      last = step
      onLast = onShut
    },
    shut,
  }
}
