/**
 * A backup file: gzip (RFC 1952) around lines. First a header, then for each table a line that names it and its columns,
 * its rows in the text format of COPY and the line `\.`, at the end a line with the digest of everything before it. What
 * was cut off has no last line, and what was altered has another digest.
 */
import { z } from 'zod'

export const BACKUP_VERSION = 1

export const Header = z.object({
  onus: z.object({ backup: z.literal(BACKUP_VERSION) }),
  version: z.string(),
  madeAt: z.iso.datetime(),
  /** The schema that the rows fit: names of migrations, in the order in which they ran. */
  migrations: z.array(z.string().regex(/^\d{4}-[a-z0-9-]+\.sql$/)).min(1),
})
export type Header = z.infer<typeof Header>

const Identifier = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/)
export const TableLine = z.object({ table: Identifier, columns: z.array(Identifier).min(1) })
export type TableLine = z.infer<typeof TableLine>
export const EndLine = z.object({ end: z.object({ tables: z.int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }) })

/** Ends the rows of a table. COPY escapes the backslash, so no row is this. */
export const END_OF_ROWS = Buffer.from('\\.\n')

/** Left out: whoever restores signs in anew, and nobody's session comes back to life. */
export const LEFT_OUT: ReadonlySet<string> = new Set(['session', 'sign_in_link', 'attempt', 'migration'])

/** Why a file cannot be restored; the message says what to do. */
export class BackupUnusable extends Error {}
