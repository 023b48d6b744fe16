/** The output of `git log -z --name-status` as it arrives, folded into who made and last changed each file. */

export type Signature = { author: string; email: string; at: string }
export type FileHistory = { created: Signature | null; changed: Signature }

/** Author, email and date as `LOG_FORMAT` prints them; a name longer than this is no name. */
const MAX_NAME = 200

/** NUL cannot occur in names or paths, so the output cannot be led astray by either. */
export const LOG_FORMAT = '--format=%x00%an%x00%ae%x00%aI%x00%H'

type Want = 'start' | 'author' | 'email' | 'at' | 'commit' | 'status' | 'path'
const AFTER: Record<'start' | 'author' | 'email' | 'at' | 'commit', Want> = {
  start: 'author',
  author: 'email',
  email: 'at',
  at: 'commit',
  commit: 'status',
}

export class LogReader {
  readonly files = new Map<string, FileHistory>()
  /** Date of the oldest commit met. */
  oldest: string | null = null
  readonly #isWanted: (path: string) => boolean
  readonly #shallow: ReadonlySet<string>
  #rest: Buffer = Buffer.alloc(0)
  #want: Want = 'start'
  #status = ''
  #commit = { author: '', email: '', at: '', commit: '' }

  /** `shallow`: commits whose parents were cut off; what they add was not made by them. */
  constructor(isWanted: (path: string) => boolean, shallow: ReadonlySet<string>) {
    this.#isWanted = isWanted
    this.#shallow = shallow
  }

  /** False when the output is not what was asked for. */
  push(chunk: Buffer): boolean {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let from = 0
    for (let to = bytes.indexOf(0); to >= 0; to = bytes.indexOf(0, from)) {
      if (!this.#take(bytes.toString('utf8', from, to))) return false
      from = to + 1
    }
    this.#rest = bytes.subarray(from)
    return this.#rest.length < 1_000_000
  }

  #take(token: string): boolean {
    switch (this.#want) {
      case 'start':
        this.#want = AFTER.start
        return token === ''
      case 'author':
      case 'email':
      case 'at':
      case 'commit':
        this.#commit[this.#want] = token.slice(0, MAX_NAME)
        this.#want = AFTER[this.#want]
        return true
      case 'path':
        this.#meet(token)
        this.#want = 'status'
        return true
      case 'status':
        // An empty token ends the list of files; the next commit begins.
        if (token === '') {
          this.#want = 'author'
          return true
        }
        this.#status = token.trim()
        this.#want = 'path'
        return /^[A-Z]\d*$/.test(this.#status)
    }
  }

  #meet(path: string): void {
    const { author, email, at, commit } = this.#commit
    this.oldest = at
    if (!this.#isWanted(path)) return
    const signature = { author, email, at }
    const known = this.files.get(path)
    const file = known ?? { created: null, changed: signature }
    if (!known) this.files.set(path, file)
    if (this.#status === 'A' && !this.#shallow.has(commit)) file.created = signature
  }
}
