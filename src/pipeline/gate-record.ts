/** The evidence of a version as an artifact of its run, so that it can be judged again later. */
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { isTickerflowError, TickerflowError } from '../errors.ts'
import { evidenceDigest, type GateEvidence } from '../registry/gate-evidence.ts'
import type { ModelVersion, TrackingStore } from '../tracking/tracking-store.ts'

export const EVIDENCE_FILE = 'gate/evidence.json'
/** The same of a further horizon. */
export function furtherEvidenceFile(horizon: number): string {
  return `gate/evidence-h${horizon}.json`
}

const FORMAT = 'tickerflow-evidence/1'

const Series = Type.Array(Type.Union([Type.Number(), Type.Null()]))
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })

const Evidence = Type.Object({
  format: Type.Literal(FORMAT),
  recipe: Sha256,
  /** Recipe of what was live, and judged on the same days; null where nothing else was. */
  champion: Type.Union([Sha256, Type.Null()]),
  /** Last session known, `YYYY-MM-DD`. */
  asOf: Type.String(),
  horizon: Type.Integer({ minimum: 1 }),
  losses: Type.Object({
    candidate: Series,
    naive: Series,
    classical: Type.Record(Type.String(), Series),
    champion: Type.Optional(Series),
  }),
  direction: Type.Object({ forecasts: Series, outcomes: Series }),
  coverage80: Type.Union([Type.Number(), Type.Null()]),
  coverage95: Type.Union([Type.Number(), Type.Null()]),
  leakageFindings: Type.Array(Type.String()),
  dataAgeSessions: Type.Integer({ minimum: 0 }),
  historical: Type.Boolean(),
  trial: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Of the series, as in the audit log. */
  digest: Sha256,
})

/** Evidence and what it is about. */
export interface GateRecord {
  readonly recipe: string
  readonly champion: string | undefined
  readonly asOf: string
  readonly evidence: Omit<GateEvidence, 'look'>
}

/** @param file Another one for a further horizon. */
export async function writeGateRecord(
  tracking: TrackingStore,
  runId: string,
  { recipe, champion, asOf, evidence }: GateRecord,
  file: string = EVIDENCE_FILE,
): Promise<void> {
  const { losses, direction, coverage80, coverage95, ...plain } = evidence
  const content = {
    format: FORMAT,
    recipe,
    champion: champion ?? null,
    asOf,
    ...plain,
    losses: {
      candidate: listed(losses.candidate),
      naive: listed(losses.naive),
      classical: mapValues(losses.classical, listed),
      ...(losses.champion === undefined ? {} : { champion: listed(losses.champion) }),
    },
    direction: { forecasts: listed(direction.forecasts), outcomes: listed(direction.outcomes) },
    coverage80: finiteOrNull(coverage80),
    coverage95: finiteOrNull(coverage95),
    digest: evidenceDigest(evidence),
  }
  await tracking.writeArtifact(runId, file, `${JSON.stringify(content)}\n`)
}

/**
 * Reads back what `writeGateRecord` wrote, to the bit.
 *
 * @throws {TickerflowError} EVIDENCE_MISSING when the version was never judged, or the file is
 *   damaged.
 */
export async function readGateRecord(
  tracking: TrackingStore,
  version: ModelVersion,
): Promise<GateRecord> {
  const content = parsed(Evidence, await evidenceText(tracking, version))
  if (content === undefined) throw missing(version, 'its evidence file is damaged or foreign')
  const { losses, direction, coverage80, coverage95, trial } = content
  const { horizon, leakageFindings, dataAgeSessions, historical } = content
  const evidence = {
    ...{ horizon, leakageFindings, dataAgeSessions, historical },
    losses: {
      candidate: columnOf(losses.candidate),
      naive: columnOf(losses.naive),
      classical: mapValues(losses.classical, columnOf),
      ...(losses.champion === undefined ? {} : { champion: columnOf(losses.champion) }),
    },
    direction: {
      forecasts: columnOf(direction.forecasts),
      outcomes: columnOf(direction.outcomes),
    },
    coverage80: coverage80 ?? Number.NaN,
    coverage95: coverage95 ?? Number.NaN,
    ...(trial === undefined ? {} : { trial }),
  }
  if (evidenceDigest(evidence) !== content.digest) {
    throw missing(version, 'its evidence does not match the digest beside it')
  }
  const { recipe, champion, asOf } = content
  return { recipe, champion: champion ?? undefined, asOf, evidence }
}

async function evidenceText(tracking: TrackingStore, version: ModelVersion): Promise<string> {
  if (version.runId === undefined) throw missing(version, 'it has no source run')
  try {
    return new TextDecoder().decode(await tracking.readArtifact(version.runId, EVIDENCE_FILE))
  } catch (error) {
    if (!isTickerflowError(error) || error.code !== 'NOT_FOUND') throw error
    throw missing(version, `run ${version.runId} has not judged it`)
  }
}

function parsed<T extends TSchema>(schema: T, text: string): Static<T> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Value.Check(schema, value) ? value : undefined
  } catch {
    return undefined
  }
}

export function missing({ name, version }: ModelVersion, why: string): TickerflowError {
  return new TickerflowError(
    'EVIDENCE_MISSING',
    `${name} version ${version} cannot be put to the gate: ${why}. Judge a version of its recipe ` +
      'now with `tickerflow run`, or promote this one on the record: --override --reason "…".',
    { details: { name, version } },
  )
}

/** JSON has no NaN; the gate refuses losses that are none, and has to see them. */
function listed(values: Float64Array): (number | null)[] {
  return Array.from(values, finiteOrNull)
}

function columnOf(values: readonly (number | null)[]): Float64Array {
  return Float64Array.from(values, (value) => value ?? Number.NaN)
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}
