/**
 * How long the event loop was held at once, in time that this thread computed: a busy machine does not count.
 * Beside it what the thread computed in all, so that a test can ask for a share and hold on a slow machine too.
 */
export type LoopWatch = { stop(): { longestMs: number; totalMs: number } }

export function watchLoop(): LoopWatch {
  let longestMs = 0
  const start = process.threadCpuUsage()
  let before = start
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, milliseconds(process.threadCpuUsage(before)))
    before = process.threadCpuUsage()
  }, 1)
  return {
    stop() {
      clearInterval(timer)
      return { longestMs, totalMs: milliseconds(process.threadCpuUsage(start)) }
    },
  }
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000
}
