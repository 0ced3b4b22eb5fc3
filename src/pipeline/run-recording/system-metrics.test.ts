import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Metric, Run, TrackingStore } from '../../tracking/tracking-store.ts'
import type { Application } from '../application.ts'
import { withSystemMetrics } from './system-metrics.ts'
import { createSystemSampler } from './system-sampler.ts'

const logged: Metric[] = []
const run = { id: 'r1' } as Run
let samples = 0

/** What system metrics need of the application. */
function application(logBatch: TrackingStore['logBatch']): Application {
  const sample = { memoryUsedMegabytes: 2, memoryUsedPercent: 3, processMegabytes: 4 }
  return {
    clock: () => Date.now(),
    createSampler: () => () => ({ ...sample, cpuPercent: samples++ === 0 ? undefined : 50 }),
    tracking: { logBatch } as TrackingStore,
  } as unknown as Application
}

const keep: TrackingStore['logBatch'] = async (_, { metrics = [] }) => {
  logged.push(...metrics)
}
const pause = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs))
const stepsOf = (key: string) =>
  logged.filter((metric) => metric.key === key).map(({ step }) => step)

beforeEach(() => {
  vi.useFakeTimers()
  logged.length = 0
  samples = 0
})
afterEach(() => vi.useRealTimers())

test('samples are logged before, every five seconds during, and after the work', async () => {
  const done = withSystemMetrics(application(keep), run, () => pause(12_000))
  await vi.advanceTimersByTimeAsync(12_000)
  await done
  expect(stepsOf('system/system_memory_usage_megabytes')).toEqual([0, 1, 2, 3])
  // The first sample has nothing to compare the processors' times with.
  expect(stepsOf('system/cpu_utilization_percentage')).toEqual([1, 2, 3])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(stepsOf('system/system_memory_usage_megabytes')).toHaveLength(4)
})

test('what the work throws comes through, and what the store has against samples does not', async () => {
  const refusing = application(() => Promise.reject(new Error('no')))
  await expect(withSystemMetrics(refusing, run, async () => 7)).resolves.toBe(7)
  const failing = withSystemMetrics(refusing, run, () => Promise.reject(new Error('broken')))
  await expect(failing).rejects.toThrow('broken')
})

test('the machine answers with shares and sizes that can be', () => {
  const sampler = createSystemSampler()
  expect(sampler().cpuPercent).toBeUndefined()
  vi.useRealTimers()
  const until = performance.now() + 50
  while (performance.now() < until);
  const { cpuPercent = 0, memoryUsedPercent, processMegabytes } = sampler()
  for (const share of [cpuPercent, memoryUsedPercent]) {
    expect(share).toBeGreaterThanOrEqual(0)
    expect(share).toBeLessThanOrEqual(100)
  }
  expect(processMegabytes).toBeGreaterThan(10)
})
