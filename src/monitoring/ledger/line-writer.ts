/** Writes lines to one chain inside the caller's transaction, reading the chain's head each time. */
import { numberOf } from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import {
  GENESIS,
  hashOfLine,
  type LedgerEntry,
  type LinePlace,
  type TrackKey,
} from './ledger-line.ts'

export interface LineWriter {
  /** To be called within a transaction of the writer's connection. */
  write(entries: readonly LedgerEntry[]): readonly LinePlace[]
  /** After a transaction that failed: what it had numbered may not be there. */
  forget(): void
}

interface Head {
  readonly seq: number
  readonly hash: string
}

export function createLineWriter(database: StateDatabase, chain: string): LineWriter {
  const tracks = new Map<string, number>()
  const chainId = idOfChain(database, chain)
  const trackOf = (key: TrackKey): number => {
    const { symbol, horizon, model, version, role } = key
    const name = `${symbol}/${horizon}/${model}/${version}/${role}`
    const known = tracks.get(name)
    if (known !== undefined) return known
    const track = idOfTrack(database, key)
    tracks.set(name, track)
    return track
  }
  return {
    forget: () => tracks.clear(),
    write(entries) {
      let head = headOf(database, chainId)
      return entries.map((entry) => {
        const place = { chain, seq: head.seq + 1 }
        const hash = hashOfLine(head.hash, place, entry.forecast)
        insertLine(database, entry, {
          chainId,
          seq: place.seq,
          track: trackOf(entry.forecast),
          hash,
        })
        head = { seq: place.seq, hash }
        return place
      })
    },
  }
}

/** Read for every batch: another process may write to the same chain. */
function headOf(database: StateDatabase, chainId: number): Head {
  const row = database
    .prepare(
      'SELECT seq, hex(hash) AS hash FROM ledger_lines WHERE chain = ? ORDER BY seq DESC LIMIT 1',
    )
    .get(chainId)
  if (row === undefined) return { seq: 0, hash: GENESIS }
  return { seq: numberOf(row, 'seq'), hash: String(row.hash).toLowerCase() }
}

interface Numbered {
  readonly chainId: number
  readonly seq: number
  readonly track: number
  readonly hash: string
}

function insertLine(
  database: StateDatabase,
  { forecast, request, latencyUs }: LedgerEntry,
  { chainId, seq, track, hash }: Numbered,
): void {
  const { location, scale, degreesOfFreedom } = forecast.distribution
  database
    .prepare('INSERT INTO ledger_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(
      chainId,
      seq,
      track,
      forecast.asOf,
      forecast.issuedAtMs,
      location,
      scale,
      degreesOfFreedom,
      forecast.referenceClose,
      Buffer.from(forecast.inputs, 'hex'),
      forecast.late ? 1 : 0,
      Buffer.from(hash, 'hex'),
    )
  if (request !== undefined || latencyUs !== undefined) {
    database
      .prepare('INSERT INTO ledger_requests VALUES (?, ?, ?, ?)')
      .run(chainId, seq, request ?? null, latencyUs ?? null)
  }
  if (forecast.late || forecast.role === 'supplied') return
  database
    .prepare(
      `INSERT INTO ledger_forecasts
         (track, as_of, chain, seq, location, scale, degrees_of_freedom) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    .run(track, forecast.asOf, chainId, seq, location, scale, degreesOfFreedom)
}

function idOfChain(database: StateDatabase, name: string): number {
  return database.transaction(() => {
    database.prepare('INSERT INTO ledger_chains (name) VALUES (?) ON CONFLICT DO NOTHING').run(name)
    const row = database.prepare('SELECT chain FROM ledger_chains WHERE name = ?').get(name)
    return numberOf(row ?? {}, 'chain')
  })
}

function idOfTrack(
  database: StateDatabase,
  { symbol, horizon, model, version, role }: TrackKey,
): number {
  const values = [symbol, horizon, model, version, role] as const
  database
    .prepare(
      `INSERT INTO ledger_tracks (symbol, horizon, model, version, role)
       VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    .run(...values)
  const row = database
    .prepare(
      `SELECT track FROM ledger_tracks
       WHERE symbol = ? AND horizon = ? AND model = ? AND version = ? AND role = ?`,
    )
    .get(...values)
  return numberOf(row ?? {}, 'track')
}
