/** What was live, whichever version it was, as one record of forecasts with their outcomes. */
import { dieboldMariano } from '../../evaluation/skill/diebold-mariano.ts'
import {
  commonLosses,
  listTracks,
  liveSkill,
  readTrack,
  type TrackRecord,
} from '../../monitoring/live-performance.ts'
import { mean } from '../../numerics/statistics.ts'
import type { StateDatabase } from '../../state/state-database.ts'

export interface LiveSkillRow {
  readonly symbol: string
  /** Sessions with a live forecast whose outcome is known. */
  readonly n: number
  readonly crps: number
  readonly coverage80: number
  readonly coverage95: number
  /** By baseline: 1 − CRPS / the baseline's, its 95 % interval, and the one-sided test of it. */
  readonly against: Readonly<
    Record<
      string,
      {
        readonly skillRatio: number
        readonly interval: readonly [number, number] | null
        readonly t: number | null
        readonly p: number | null
      }
    >
  >
}

export interface LiveRecord {
  readonly row: LiveSkillRow
  readonly champion: TrackRecord
  readonly baselines: ReadonlyMap<string, TrackRecord>
  readonly horizon: number
}

/** `undefined` when nothing was ever live. */
export function liveRecordOf(database: StateDatabase, symbol: string): LiveRecord | undefined {
  const tracks = listTracks(database, symbol)
  const own = tracks.filter(({ role }) => role === 'champion')
  const [first] = own
  if (first === undefined) return undefined
  const { horizon } = first
  const champion = joined(own.map(({ track }) => readTrack(database, track)))
  const baselines = new Map(
    tracks
      .filter((one) => one.role === 'baseline' && one.horizon === horizon)
      .map(({ model, track }) => [model, readTrack(database, track)]),
  )
  if (champion.asOf.length === 0) return undefined
  const within = (level: number) =>
    mean(champion.pit.map((value) => (Math.abs(value - 0.5) <= level / 2 ? 1 : 0)))
  const against = [...baselines].flatMap(([model, record]) => {
    const skill = liveSkill(champion, record, horizon)
    if (skill === undefined) return []
    const { own: a, other: b } = commonLosses(champion, record)
    const { skillRatio, interval } = skill
    return [[model, { skillRatio, interval, ...dieboldMariano(a, b, { horizon }) }] as const]
  })
  const row = {
    symbol,
    n: champion.asOf.length,
    crps: mean(champion.crps),
    coverage80: within(0.8),
    coverage95: within(0.95),
    against: Object.fromEntries(against),
  }
  return { row, champion, baselines, horizon }
}

/** Records of different days as one, in the order of their days. */
function joined(records: readonly TrackRecord[]): TrackRecord {
  const rows = records
    .flatMap((record) => [...record.asOf].map((day, row) => ({ day, row, record })))
    .sort((a, b) => a.day - b.day)
  const column = (name: Exclude<keyof TrackRecord, 'asOf'>) =>
    Float64Array.from(rows, ({ record, row }) => record[name][row] as number)
  return {
    asOf: Int32Array.from(rows, ({ day }) => day),
    outcome: column('outcome'),
    location: column('location'),
    crps: column('crps'),
    nll: column('nll'),
    pit: column('pit'),
  }
}
