import { randomBytes } from 'node:crypto'

/** 80 random bits behind a prefix that says what it names. For records of the server; found things have stable ids. */
export function newId(prefix: 'imp' | 'job' | 'view' | 'tok' | 'per' | 'hold' | 'pow' | 'acc' | 'bat' | 'chg' | 'dec' | 'gra' | 'cre' | 'exc' | 'msg' | 'whk' | 'ghr' | 'ghl'): string {
  return `${prefix}_${randomBytes(10).toString('hex')}`
}
