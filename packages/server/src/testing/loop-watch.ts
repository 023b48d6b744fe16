/** How long the event loop was held at once, in time that this thread computed: a busy machine does not count. */
export type LoopWatch = { stop(): number }

/** `stop` answers the longest hold in milliseconds. */
export function watchLoop(): LoopWatch {
  let worst = 0
  let before = process.threadCpuUsage()
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before)
    before = process.threadCpuUsage()
    worst = Math.max(worst, (user + system) / 1_000)
  }, 1)
  return {
    stop() {
      clearInterval(timer)
      return worst
    },
  }
}
