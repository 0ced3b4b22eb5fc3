/** Recomputes the ledger's chains, so that a line that was edited, inserted or removed shows. */
import { createHash } from 'node:crypto'
import { numberOf, type Row, textOf } from '../../sqlite/row.ts'
import type { StateDatabase } from '../../state/state-database.ts'
import { GENESIS, hashOfLine, type LedgerLine, type LinePlace } from './ledger-line.ts'
import { forecastOf } from './ledger-row.ts'

/** The end of a chain; kept elsewhere, it shows lines that were cut off. */
export interface ChainHead extends LinePlace {
  /** SHA-256 (hex) of the last line. */
  readonly hash: string
}

export type LedgerVerification =
  | { readonly intact: true; readonly lines: number; readonly heads: readonly ChainHead[] }
  | {
      readonly intact: false
      readonly chain: string
      readonly seq: number
      readonly reason: string
    }

const LINES = `
SELECT c.name AS chain, l.seq, t.symbol, t.horizon, t.model, t.version, t.role, l.as_of, l.issued_at,
  l.location, l.scale, l.degrees_of_freedom, l.reference_close, lower(hex(l.inputs)) AS inputs,
  l.late, lower(hex(l.hash)) AS hash
FROM ledger_lines l JOIN ledger_chains c USING (chain) JOIN ledger_tracks t USING (track)`

/** Lines one by one, chain by chain; memory stays flat however many there are. */
export function* readLedger(database: StateDatabase): Generator<LedgerLine> {
  for (const row of database.iterate(`${LINES} ORDER BY c.name, l.seq`)) {
    yield lineOf(row)
  }
}

export interface LedgerPage {
  readonly chain: string
  /** Only lines with smaller numbers. */
  readonly before?: number | undefined
  readonly limit: number
}

/** Lines of one chain, the newest first. */
export function ledgerPage(
  database: StateDatabase,
  { chain, before = Number.MAX_SAFE_INTEGER, limit }: LedgerPage,
): readonly LedgerLine[] {
  return database
    .prepare(`${LINES} WHERE c.name = ? AND l.seq < ? ORDER BY l.seq DESC LIMIT ?`)
    .all(chain, before, limit)
    .map(lineOf)
}

/**
 * @param kept Heads exported earlier: a chain that no longer reaches one of them was cut off.
 * @returns The first fault, by chain and line; else the number of lines and the chains' heads.
 */
export function verifyLedger(
  database: StateDatabase,
  kept: readonly ChainHead[] = [],
): LedgerVerification {
  return database.read(() => {
    const heads = new Map<string, ChainHead>()
    const awaited = new Map(kept.map((head) => [`${head.chain}\n${head.seq}`, head]))
    let lines = 0
    for (const line of readLedger(database)) {
      const before = heads.get(line.chain) ?? { chain: line.chain, seq: 0, hash: GENESIS }
      const reason = faultOf(line, before, awaited)
      if (reason !== undefined) {
        return { intact: false, chain: line.chain, seq: before.seq + 1, reason }
      }
      heads.set(line.chain, { chain: line.chain, seq: line.seq, hash: line.hash })
      lines++
    }
    const cut = kept.find(({ chain, seq }) => (heads.get(chain)?.seq ?? 0) < seq)
    if (cut !== undefined) {
      const reason = `chain '${cut.chain}' once had ${cut.seq} lines, and lines at its end are gone`
      const seq = (heads.get(cut.chain)?.seq ?? 0) + 1
      return { intact: false, chain: cut.chain, seq, reason }
    }
    return { intact: true, lines, heads: [...heads.values()] }
  })
}

/** The ends of all chains as they are now, without checking them. */
export function chainHeads(database: StateDatabase): readonly ChainHead[] {
  return database
    .prepare(
      `SELECT c.name AS chain, l.seq, lower(hex(l.hash)) AS hash
       FROM ledger_chains c JOIN ledger_lines l ON l.chain = c.chain
         AND l.seq = (SELECT max(seq) FROM ledger_lines WHERE chain = c.chain)
       ORDER BY c.name`,
    )
    .all()
    .map((row) => ({
      chain: textOf(row, 'chain'),
      seq: numberOf(row, 'seq'),
      hash: textOf(row, 'hash'),
    }))
}

/** SHA-256 (hex) over the heads: one digest for everything that was ever issued. */
export function ledgerDigest(heads: readonly ChainHead[]): string {
  const text = heads.map(({ chain, seq, hash }) => `${chain}\n${seq}\n${hash}\n`).join('')
  return createHash('sha256').update(text).digest('hex')
}

function faultOf(
  line: LedgerLine,
  before: ChainHead,
  awaited: ReadonlyMap<string, ChainHead>,
): string | undefined {
  if (line.seq !== before.seq + 1) return `line ${before.seq + 1} is missing`
  if (hashOfLine(before.hash, line, line) !== line.hash) {
    return `line ${line.seq} does not match its hash`
  }
  const kept = awaited.get(`${line.chain}\n${line.seq}`)
  if (kept !== undefined && kept.hash !== line.hash) {
    return `line ${line.seq} had another hash when the heads were exported: the chain was rewritten`
  }
  return undefined
}

function lineOf(row: Row): LedgerLine {
  return {
    ...forecastOf(row),
    inputs: textOf(row, 'inputs'),
    late: numberOf(row, 'late') === 1,
    chain: textOf(row, 'chain'),
    seq: numberOf(row, 'seq'),
    hash: textOf(row, 'hash'),
  }
}
