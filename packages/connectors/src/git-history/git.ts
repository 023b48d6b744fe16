/**
 * Runs git on a repository that somebody else configured. Nothing the repository names may run: no pager, hook, file
 * monitor, diff or signature program, and no transport (a partial clone would fetch what is missing).
 */
import { spawn } from 'node:child_process'

const SAFE_CONFIG = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.pager=cat',
  'core.sshCommand=false',
  'core.askPass=',
  'credential.helper=',
  'log.showSignature=false',
  'protocol.allow=never',
  'gc.auto=0',
  'maintenance.auto=false',
  'core.untrackedCache=false',
  'log.follow=false',
  'mailmap.file=',
  'mailmap.blob=',
].flatMap((setting) => ['-c', setting])

export type GitEnd = 'done' | 'cut' | 'failed' | 'missing'

export type GitRun = {
  directory: string
  args: string[]
  timeoutMs: number
  signal?: AbortSignal
  /** Returns false to stop reading. */
  onOutput: (chunk: Buffer) => boolean
}

/**
 * Runs one git command that only reads. Never rejects: 'missing' when there is no git, 'failed' when git refused (no
 * work tree, another owner), 'cut' when it was stopped by time, by the caller or by the signal.
 */
export function runGit(run: GitRun): Promise<{ end: GitEnd; refusal: string }> {
  return new Promise((resolve) => {
    const child = spawn('git', ['--no-pager', '--no-optional-locks', ...SAFE_CONFIG, ...run.args], {
      cwd: run.directory,
      env: safeEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: false,
    })
    let isCut = false
    let refusal = ''
    const cut = (): void => {
      isCut = true
      child.kill('SIGKILL')
    }
    const timer = setTimeout(cut, run.timeoutMs)
    run.signal?.addEventListener('abort', cut, { once: true })
    const settle = (end: GitEnd): void => {
      clearTimeout(timer)
      run.signal?.removeEventListener('abort', cut)
      resolve({ end, refusal })
    }
    child.stdout.on('data', (chunk: Buffer) => {
      if (!isCut && !run.onOutput(chunk)) cut()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (refusal.length < 2_000) refusal += chunk.toString('utf8')
    })
    child.once('error', () => settle('missing'))
    child.once('close', (code) => settle(isCut ? 'cut' : code === 0 ? 'done' : 'failed'))
  })
}

/** The user's own GIT_* variables would point it elsewhere, or switch on what is switched off above. */
function safeEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: '',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_ATTR_NOSYSTEM: '1',
  }
}
