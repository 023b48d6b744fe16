import { useCallback, useEffect, useRef, useState } from 'react'
import { canVerify } from './ed25519.ts'
import { remember } from './memory.ts'
import type { PlainVerdict, VerifyAsk, VerifyTold } from './verify-worker.ts'

export type Verification =
  | { state: 'idle' }
  | { state: 'running'; lines: number; bytes: number }
  | { state: 'told'; verdict: PlainVerdict; asked: VerifyAsk }
  | { state: 'failed'; message: string }

const NO_CRYPTO = 'This browser checks no signatures here: that needs a secure address (https, or localhost) and a browser of 2025 or later. `onus ledger verify` does the same in a terminal.'

/** Runs one verification at a time, in a worker; what it believes is remembered for later visits. */
export function useVerification(): { verification: Verification; start(ask: VerifyAsk): void; stop(): void } {
  const [verification, setVerification] = useState<Verification>({ state: 'idle' })
  const worker = useRef<Worker | null>(null)
  const end = useCallback(() => {
    worker.current?.terminate()
    worker.current = null
  }, [])
  useEffect(() => end, [end])
  const start = useCallback(
    (asked: VerifyAsk) => {
      end()
      setVerification({ state: 'running', lines: 0, bytes: 0 })
      void canVerify().then((can) => {
        if (!can) return setVerification({ state: 'failed', message: NO_CRYPTO })
        const running = new Worker(new URL('./verify-worker.ts', import.meta.url), { type: 'module' })
        worker.current = running
        running.addEventListener('message', ({ data }: MessageEvent<VerifyTold>) => {
          if (data.kind === 'progress') return setVerification({ state: 'running', lines: data.lines, bytes: data.bytes })
          end()
          if (data.kind === 'failed') return setVerification({ state: 'failed', message: data.message })
          keep(data)
          setVerification({ state: 'told', verdict: data.verdict, asked })
        })
        running.addEventListener('error', () => {
          end()
          setVerification({ state: 'failed', message: 'The verifier did not start. Reload the page and try again.' })
        })
        running.postMessage(asked)
      })
    },
    [end],
  )
  const stop = useCallback(() => {
    end()
    setVerification({ state: 'idle' })
  }, [end])
  return { verification, start, stop }
}

function keep({ verdict, checkpoint }: Extract<VerifyTold, { kind: 'verdict' }>): void {
  if (verdict.state !== 'verified' || checkpoint === null || verdict.size === 0) return
  remember({ origin: verdict.origin, checkpoint, size: verdict.size, keys: verdict.signers, at: new Date().toISOString() })
}
