/** The files of a finished replay: a report to read, a picture, and what was live on each day. */
import { join } from 'node:path'
import { writeFileAtomic } from '../../atomic-file.ts'
import { cumulativeSkill } from '../../evaluation/report/chart-skill.ts'
import { commonLosses } from '../../monitoring/live-performance.ts'
import type { LiveRecord } from './live-record.ts'
import type { DescribedReplay } from './replay-document.ts'
import { replayText } from './replay-text.ts'

/** @returns Where the report is. */
export async function writeReplayFiles(
  replay: DescribedReplay,
  records: ReadonlyMap<string, LiveRecord>,
  directory: string,
): Promise<string> {
  const write = async (name: string, content: string | Uint8Array) => {
    const path = join(directory, name)
    await writeFileAtomic(path, content, { temporaryDirectory: join(directory, 'tmp') })
    return path
  }
  await write('live.csv', liveCsv(replay))
  const svg = await skillPicture(replay, records)
  if (svg !== undefined) {
    const { loadRasteriser } = await import('../run-recording/rasterise.ts')
    const rasterise = await loadRasteriser()
    await write('skill.svg', svg)
    await write('skill.png', rasterise(svg))
  }
  return await write('report.txt', `${replayText(replay)}\n`)
}

function liveCsv({ liveByDay }: DescribedReplay): string {
  const rows = liveByDay.map(({ date, symbol, version }) => `${date},${symbol},${version ?? ''}`)
  return `date,symbol,version\n${rows.join('\n')}\n`
}

/** CRPS that what was live has saved against the naive forecast, summed up, a line a symbol. */
async function skillPicture(
  replay: DescribedReplay,
  records: ReadonlyMap<string, LiveRecord>,
): Promise<string | undefined> {
  // Loaded here because charting is heavy.
  const [{ plotSvg }, { skillChart }] = await Promise.all([
    import('../../evaluation/report/plot.ts'),
    import('../../evaluation/report/chart-skill.ts'),
  ])
  const days = [...new Set(replay.liveByDay.map(({ date }) => date))]
  const skill = new Map<string, Float64Array>()
  const dates = new Set<number>()
  for (const { champion } of records.values()) for (const day of champion.asOf) dates.add(day)
  const date = Int32Array.from([...dates].sort((a, b) => a - b))
  if (days.length < 2 || date.length < 2) return undefined
  for (const [symbol, record] of records) {
    const naive = record.baselines.get('naive')
    if (naive === undefined) continue
    const common = commonLosses(record.champion, naive)
    const rowOf = new Map([...common.asOf].map((day, row) => [day, row]))
    const at = (losses: Float64Array) =>
      Float64Array.from(date, (day) => losses[rowOf.get(day) ?? -1] ?? 0)
    skill.set(symbol, cumulativeSkill(at(common.other), at(common.own)))
  }
  const title = `What was live, ${replay.from} to ${replay.to}`
  const models = [...skill.keys()]
  return plotSvg({ title, chart: skillChart({ date, skill, models, candidate: undefined }) })
}
