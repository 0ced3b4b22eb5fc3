/** Reads CPU and memory from the operating system. */
import { cpus, freemem, totalmem } from 'node:os'
import type { SystemSampler } from './system-metrics.ts'

const MEGABYTE = 1024 * 1024

export function createSystemSampler(): SystemSampler {
  let before = cpuTimes()
  let isFirst = true
  return () => {
    const now = cpuTimes()
    const [busy, total] = [now.busy - before.busy, now.total - before.total]
    const cpuPercent = isFirst || total <= 0 ? undefined : (100 * busy) / total
    before = now
    isFirst = false
    const used = totalmem() - freemem()
    return {
      cpuPercent,
      memoryUsedMegabytes: used / MEGABYTE,
      memoryUsedPercent: (100 * used) / totalmem(),
      processMegabytes: process.memoryUsage.rss() / MEGABYTE,
    }
  }
}

/** Milliseconds of all cores since the machine's start. */
function cpuTimes(): { readonly busy: number; readonly total: number } {
  const sums = cpus().map(({ times }) => {
    const total = times.user + times.nice + times.sys + times.idle + times.irq
    return { busy: total - times.idle, total }
  })
  return {
    busy: sums.reduce((sum, { busy }) => sum + busy, 0),
    total: sums.reduce((sum, { total }) => sum + total, 0),
  }
}
