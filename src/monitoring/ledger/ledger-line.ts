/** What a line of the forecast ledger says, and how its hash is formed. */
import { hash } from 'node:crypto'
import type { StudentTDistribution } from '../../forecast/forecast.ts'

/**
 * Who speaks: what is in Production, a version that is only watched, the champion before it, or a
 * baseline issued at the same moment. `supplied`: made from the caller's own bars, which may be
 * anything, so it never counts.
 */
export type ForecastRole = 'champion' | 'shadow' | 'previous' | 'baseline' | 'supplied'

export const FORECAST_ROLES: readonly ForecastRole[] = [
  'champion',
  'shadow',
  'previous',
  'baseline',
  'supplied',
]

/** The forecasts of one model for one symbol and horizon. */
export interface TrackKey {
  readonly symbol: string
  /** Sessions ahead. */
  readonly horizon: number
  /** Registered model, or the name of a baseline. */
  readonly model: string
  /** 0 for what is not a registered version. */
  readonly version: number
  readonly role: ForecastRole
}

/** A forecast as issued: only what the same inputs and clock always give again. */
export interface IssuedForecast extends TrackKey {
  /** Last session known to it, days since 1970-01-01. */
  readonly asOf: number
  /** UTC milliseconds. */
  readonly issuedAtMs: number
  readonly distribution: StudentTDistribution
  readonly referenceClose: number
  /** SHA-256 (hex) of the bars that it was made from. */
  readonly inputs: string
  /** It was issued after the session that it speaks of had opened. */
  readonly late: boolean
}

/** What came with the request and differs from one call to the next. */
export interface RequestParticulars {
  readonly request?: string
  readonly latencyUs?: number
}

export interface LedgerEntry extends RequestParticulars {
  readonly forecast: IssuedForecast
}

/** Where a line stands: its writer's chain, and its number there, from 1 without gaps. */
export interface LinePlace {
  readonly chain: string
  readonly seq: number
}

export interface LedgerLine extends IssuedForecast, LinePlace {
  /** SHA-256 (hex) over the hash of the line before and this line's content. */
  readonly hash: string
}

/** What the first line of every chain is chained to. */
export const GENESIS = '0'.repeat(64)

/**
 * The hash of a line: SHA-256 (hex) of the previous hash, a line feed, and a JSON array of chain,
 * seq, symbol, horizon, model, version, role, asOf, issuedAtMs, location, scale, degrees of freedom
 * (null when infinite), reference close, inputs, late. Numbers as JavaScript prints them.
 */
export function hashOfLine(
  previous: string,
  { chain, seq }: LinePlace,
  line: IssuedForecast,
): string {
  const { location, scale, degreesOfFreedom } = line.distribution
  const content = JSON.stringify([
    chain,
    seq,
    line.symbol,
    line.horizon,
    line.model,
    line.version,
    line.role,
    line.asOf,
    line.issuedAtMs,
    location,
    scale,
    degreesOfFreedom === Infinity ? null : degreesOfFreedom,
    line.referenceClose,
    line.inputs,
    line.late,
  ])
  return hash('sha256', `${previous}\n${content}`, 'hex')
}

/** @throws {RangeError} On a number that a forecast cannot have, or a digest that is none. */
export function assertIssued(line: IssuedForecast): void {
  const { location, scale, degreesOfFreedom } = line.distribution
  const sound =
    Number.isFinite(location) &&
    Number.isFinite(scale) &&
    scale > 0 &&
    degreesOfFreedom > 1 &&
    Number.isFinite(line.referenceClose) &&
    line.referenceClose > 0 &&
    Number.isSafeInteger(line.asOf) &&
    Number.isSafeInteger(line.issuedAtMs) &&
    Number.isSafeInteger(line.horizon) &&
    line.horizon >= 1 &&
    Number.isSafeInteger(line.version)
  if (sound && /^[0-9a-f]{64}$/.test(line.inputs)) return
  throw new RangeError(
    `A ledger line of ${line.symbol} by ${line.model} has a value out of range: ` +
      `location ${location}, scale ${scale}, degrees of freedom ${degreesOfFreedom}, ` +
      `reference close ${line.referenceClose}, asOf ${line.asOf}, inputs '${line.inputs}'`,
  )
}
