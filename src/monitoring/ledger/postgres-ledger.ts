/**
 * The forecast ledger in PostgreSQL: many lines in one statement, without holding up the process.
 *
 * A chain has one writer at a time, by a lock of its own; chains do not wait for each other.
 */
import type { Kysely, Transaction } from 'kysely'
import type { PostgresConnections } from '../../state/postgres/open-postgres.ts'
import { failureOf, postgresError, unreachable } from '../../state/postgres/postgres-failure.ts'
import type { ForecastLedger } from './forecast-ledger.ts'
import {
  assertIssued,
  GENESIS,
  hashOfLine,
  type LedgerEntry,
  type LinePlace,
  type TrackKey,
} from './ledger-line.ts'

export interface PostgresLedgerOptions extends PostgresConnections {
  readonly chain: string
}

interface Waiting {
  readonly entries: readonly LedgerEntry[]
  readonly resolve: (places: readonly LinePlace[]) => void
  readonly reject: (error: unknown) => void
}

/** Lines that go in one statement. */
const LINES_AT_ONCE = 5_000
/** A batch whose connection is cut is looked for, and sent again if it is not there. */
const PAUSE_MS = 50

type Within = Transaction<unknown>

export function openPostgresLedger(options: PostgresLedgerOptions): ForecastLedger {
  const writer = createWriter(options)
  const waiting: Waiting[] = []
  let writing: Promise<void> | undefined

  const writeAll = async () => {
    // What comes in the same turn of the event loop shares a commit, and so does all that comes
    // while one is under way.
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const group = takeGroup()
      try {
        const places = await writer.write(group.flatMap(({ entries }) => entries))
        let at = 0
        for (const { entries, resolve } of group) {
          resolve(places.slice(at, at + entries.length))
          at += entries.length
        }
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    writing = undefined
  }

  /** An append stays in one piece, however long it is. */
  const takeGroup = (): Waiting[] => {
    let lines = 0
    const end = waiting.findIndex(({ entries }, i) => {
      lines += entries.length
      return i > 0 && lines > LINES_AT_ONCE
    })
    return waiting.splice(0, end === -1 ? waiting.length : end)
  }

  return {
    append(entries) {
      return new Promise((resolve, reject) => {
        for (const { forecast } of entries) assertIssued(forecast)
        waiting.push({ entries, resolve, reject })
        writing ??= writeAll()
      })
    },
    async close() {
      await writing
    },
  }
}

function createWriter({ db, driver, place, patienceMs, chain }: PostgresLedgerOptions) {
  const { sql } = driver.kysely
  const tracks = new Map<string, number>()
  let chainId: number | undefined

  async function write(entries: readonly LedgerEntry[]): Promise<readonly LinePlace[]> {
    if (entries.length === 0) return []
    const untilMs = performance.now() + patienceMs
    for (;;) {
      const written: Written = {}
      try {
        return await db.transaction().execute((within) => writeWithin(within, entries, written))
      } catch (error) {
        // What the transaction had found or made may be undone with it.
        tracks.clear()
        chainId = undefined
        const failure = failureOf(error, true)
        const isLost = failure.isLost || /terminated|connection/i.test(failure.message)
        if (!isLost) throw postgresError(failure, place)
        await pause()
        if (written.places !== undefined && (await isCommitted(written, untilMs))) {
          return written.places
        }
        if (performance.now() >= untilMs) throw unreachable(failure.message, place)
      }
    }
  }

  async function writeWithin(
    within: Within,
    entries: readonly LedgerEntry[],
    written: Written,
  ): Promise<readonly LinePlace[]> {
    chainId ??= await idOfChain(within)
    const head = await lockedHead(within, chainId)
    written.transaction = head.transaction
    await findTracks(within, entries)
    const lines = numbered(entries, head)
    written.places = lines.map(({ seq }) => ({ chain, seq }))
    await insert(within, lines, chainId)
    return written.places
  }

  async function idOfChain(within: Within): Promise<number> {
    await sql`INSERT INTO ledger_chains (name) VALUES (${chain}) ON CONFLICT DO NOTHING`.execute(
      within,
    )
    const { rows } = await sql<{ chain: number }>`
      SELECT chain FROM ledger_chains WHERE name = ${chain}`.execute(within)
    return Number(rows[0]?.chain)
  }

  /** Another process may write to the same chain: its head is read behind the lock, each time. */
  async function lockedHead(within: Within, id: number): Promise<Head> {
    await sql`SELECT pg_advisory_xact_lock(hashtext(current_schema() || ' ledger'), ${id}::int)`.execute(
      within,
    )
    const { rows } = await sql<{ transaction: string; seq: number; hash: string }>`
      SELECT pg_current_xact_id()::text AS transaction, coalesce(l.seq, 0) AS seq,
        coalesce(encode(l.hash, 'hex'), ${GENESIS}) AS hash
      FROM (SELECT 1) AS one LEFT JOIN (
        SELECT seq, hash FROM ledger_lines WHERE chain = ${id} ORDER BY seq DESC LIMIT 1) AS l ON true`.execute(
      within,
    )
    return rows[0] as Head
  }

  async function findTracks(within: Within, entries: readonly LedgerEntry[]): Promise<void> {
    const missing = new Map<string, TrackKey>()
    for (const { forecast } of entries) {
      const name = trackName(forecast)
      if (!tracks.has(name)) missing.set(name, forecast)
    }
    if (missing.size === 0) return
    // In one order everywhere, so that writers of several tracks do not wait for each other in a ring.
    const keys = [...missing].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key)
    const wanted = sql`unnest(
      ${keys.map(({ symbol }) => symbol)}::text[], ${keys.map(({ horizon }) => horizon)}::bigint[],
      ${keys.map(({ model }) => model)}::text[], ${keys.map(({ version }) => version)}::bigint[],
      ${keys.map(({ role }) => role)}::text[]) AS w (symbol, horizon, model, version, role)`
    await sql`INSERT INTO ledger_tracks (symbol, horizon, model, version, role)
      SELECT symbol, horizon, model, version, role FROM ${wanted} ON CONFLICT DO NOTHING`.execute(
      within,
    )
    const { rows } = await sql<TrackKey & { track: number }>`
      SELECT t.track, t.symbol, t.horizon, t.model, t.version, t.role
      FROM ledger_tracks t JOIN ${wanted} USING (symbol, horizon, model, version, role)`.execute(
      within,
    )
    for (const { track, ...key } of rows) tracks.set(trackName(key), track)
  }

  function numbered(entries: readonly LedgerEntry[], head: Head): NumberedLine[] {
    let { seq, hash } = head
    return entries.map((entry) => {
      seq++
      hash = hashOfLine(hash, { chain, seq }, entry.forecast)
      return { ...entry, seq, hash, track: tracks.get(trackName(entry.forecast)) as number }
    })
  }

  /** One statement for the three tables: the lines, what came with them, and what counts. */
  async function insert(within: Within, lines: readonly NumberedLine[], id: number): Promise<void> {
    const of = <T>(value: (line: NumberedLine) => T) => lines.map(value)
    await sql`
      WITH given AS (
        SELECT * FROM unnest(
          ${of(({ seq }) => seq)}::bigint[],
          ${of(({ track }) => track)}::bigint[],
          ${of(({ forecast }) => forecast.asOf)}::bigint[],
          ${of(({ forecast }) => forecast.issuedAtMs)}::bigint[],
          ${of(({ forecast }) => forecast.distribution.location)}::float8[],
          ${of(({ forecast }) => forecast.distribution.scale)}::float8[],
          ${of(({ forecast }) => forecast.distribution.degreesOfFreedom)}::float8[],
          ${of(({ forecast }) => forecast.referenceClose)}::float8[],
          ${of(({ forecast }) => forecast.inputs)}::text[],
          ${of(({ forecast }) => Number(forecast.late))}::bigint[],
          ${of(({ hash }) => hash)}::text[],
          ${of(({ forecast }) => forecast.role !== 'supplied' && !forecast.late)}::boolean[],
          ${of(({ request }) => request ?? null)}::text[],
          ${of(({ latencyUs }) => latencyUs ?? null)}::bigint[]
        ) AS g (seq, track, as_of, issued_at, location, scale, degrees_of_freedom,
          reference_close, inputs, late, hash, counts, request, latency_us)
      ), lines AS (
        INSERT INTO ledger_lines
        SELECT ${id}::bigint, seq, track, as_of, issued_at, location, scale, degrees_of_freedom,
          reference_close, decode(inputs, 'hex'), late, decode(hash, 'hex') FROM given
      ), requests AS (
        INSERT INTO ledger_requests SELECT ${id}::bigint, seq, request, latency_us FROM given
        WHERE request IS NOT NULL OR latency_us IS NOT NULL
      )
      INSERT INTO ledger_forecasts
        (track, as_of, chain, seq, location, scale, degrees_of_freedom)
      SELECT track, as_of, ${id}::bigint, seq, location, scale, degrees_of_freedom FROM given
      WHERE counts ORDER BY track, as_of, seq
      ON CONFLICT DO NOTHING`.execute(within)
  }

  /** The commit was under way when the connection was cut: the server knows what became of it. */
  async function isCommitted({ transaction }: Written, untilMs: number): Promise<boolean> {
    for (;;) {
      const status = await statusOf(db, String(transaction)).catch(() => undefined)
      if (status === 'committed') return true
      if (status === 'aborted') return false
      if (performance.now() >= untilMs) break
      await pause()
    }
    throw unreachable('it does not say what became of a transaction', place)
  }

  async function statusOf(connection: Kysely<unknown>, transaction: string) {
    const { rows } = await sql<{ status: string }>`
      SELECT pg_xact_status(${transaction}::text::xid8) AS status`.execute(connection)
    return rows[0]?.status
  }

  return { write }
}

interface Head {
  readonly transaction: string
  readonly seq: number
  readonly hash: string
}

interface Written {
  transaction?: string
  places?: readonly LinePlace[]
}

interface NumberedLine extends LedgerEntry {
  readonly seq: number
  readonly hash: string
  readonly track: number
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
}

function trackName({ symbol, horizon, model, version, role }: TrackKey): string {
  return `${symbol}/${horizon}/${model}/${version}/${role}`
}
