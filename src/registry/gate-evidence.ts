/** What is laid before the gate about one version: out-of-sample losses and what the checks found. */
import { createHash } from 'node:crypto'

export interface GateLosses {
  /** CRPS of the version's recipe [n], one per test session, in time order. */
  readonly candidate: Float64Array
  /** Of the random walk with constant historical scale, on the same sessions [n]. */
  readonly naive: Float64Array
  /** By model (`ewma`, `garch`, `har`), on the same sessions, each [n]. */
  readonly classical: Readonly<Record<string, Float64Array>>
  /** Of what is live now, on the same sessions [n]; absent while nothing is. */
  readonly champion?: Float64Array
}

export interface GateEvidence {
  /** Sessions ahead. */
  readonly horizon: number
  readonly losses: GateLosses
  /** Signed forecasts (medians) and realised returns of the test sessions, each [n]. */
  readonly direction: { readonly forecasts: Float64Array; readonly outcomes: Float64Array }
  /** Share of outcomes inside the candidate's central intervals. */
  readonly coverage80: number
  readonly coverage95: number
  /** What the leakage check found, a sentence each. */
  readonly leakageFindings: readonly string[]
  /** Sessions between the last bar and now. */
  readonly dataAgeSessions: number
  /** The data are a closed chapter, so their age says nothing. */
  readonly historical: boolean
  /** Which look at this recipe it is, from 1. */
  readonly look: number
  /** Which trial on these days it was, from 1, counting every recipe: `recordTrial`. Default 1. */
  readonly trial?: number
}

/** The number of test sessions. @throws {RangeError} When the series are not all of one length. */
export function sessionsOf(evidence: Omit<GateEvidence, 'look'>): number {
  const n = evidence.losses.candidate.length
  for (const [name, values] of seriesOf(evidence)) {
    if (values.length !== n) {
      throw new RangeError(
        `Expected ${n} values of ${name}, as of the candidate; received ${values.length}`,
      )
    }
  }
  return n
}

/** Names of the series that hold something else than finite numbers. */
export function brokenSeries(evidence: GateEvidence): readonly string[] {
  return seriesOf(evidence)
    .filter(([, values]) => !values.every(Number.isFinite))
    .map(([name]) => name)
}

/** SHA-256 (hex) of the losses and outcomes: the same evidence shown again is not a new look. */
export function evidenceDigest(evidence: Omit<GateEvidence, 'look'>): string {
  const hash = createHash('sha256').update(`horizon ${evidence.horizon}\n`)
  for (const [name, values] of seriesOf(evidence)) {
    hash.update(`${name} ${values.length}\n`).update(littleEndianBytes(values))
  }
  return hash.digest('hex')
}

type NamedSeries = readonly [name: string, values: Float64Array]

function seriesOf(evidence: Omit<GateEvidence, 'look'>): readonly NamedSeries[] {
  const { losses, direction } = evidence
  return [
    ['candidate', losses.candidate],
    ['naive', losses.naive],
    ...Object.entries(losses.classical).toSorted(byName),
    ...(losses.champion === undefined ? [] : [['champion', losses.champion] as const]),
    ['forecasts', direction.forecasts],
    ['outcomes', direction.outcomes],
  ]
}

function byName(a: NamedSeries, b: NamedSeries): number {
  return a[0] < b[0] ? -1 : 1
}

function littleEndianBytes(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setFloat64(index * 8, value, true)
  return bytes
}
