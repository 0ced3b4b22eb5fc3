/** What the LSTM learns from: windows of all frames in one matrix, split in time. */
import { type FeatureFrame, frameColumn } from '../../features/feature-frame.ts'
import { type FrameRows, fitScaler, type Scaler, standardise } from '../../features/scaler.ts'
import { completeWindows, labelledRows } from '../../features/windows.ts'
import type { RowMatrix } from '../../lstm/engine.ts'
import type { TrainingWindows } from '../../lstm/windows.ts'
import type { FitRequest } from '../forecaster.ts'
import { forwardReturn } from '../labels.ts'
import { assertEnoughRows } from '../training-rows.ts'

const MINIMUM_TRAINING_WINDOWS = 250
const MINIMUM_VALIDATION_WINDOWS = 60

export interface SampleOptions {
  readonly features: readonly string[]
  readonly windowLength: number
  readonly validationSessions: number
  readonly gapSessions: number
}

export interface TrainingSamples {
  readonly rows: RowMatrix
  readonly train: TrainingWindows
  readonly validation: TrainingWindows
  readonly scaler: Scaler
}

/** A frame with its training rows and the later ones that decide when to stop. */
interface SplitFrame {
  readonly frame: FeatureFrame
  readonly train: FrameRows['rows']
  readonly validation: FrameRows['rows']
}

/**
 * Splits the labelled rows of each frame in time, fits the scaler on the training rows, and lays
 * all standardised rows one after the other. A label of the training rows has matured before the
 * gap ends, so no validation return is learnt from. The order in which the frames come does not
 * matter.
 *
 * @throws {TickerflowError} DATA_INSUFFICIENT when too few complete windows are left.
 */
export function prepareTraining(request: FitRequest, options: SampleOptions): TrainingSamples {
  const frames = request.frames.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
  const splits = frames.map((frame) => splitFrame(frame, request, options))
  const scaler = fitScaler(
    splits.map(({ frame, train }) => ({ frame, rows: train })),
    options.features,
  )
  const samples = {
    rows: stackRows(frames, scaler),
    train: collectWindows(splits, 'train', { request, options }),
    validation: collectWindows(splits, 'validation', { request, options }),
    scaler,
  }
  const counts = { rows: samples.train.ends.length, needed: MINIMUM_TRAINING_WINDOWS }
  assertEnoughRows(request, 'lstm (training windows)', counts)
  const held = { rows: samples.validation.ends.length, needed: MINIMUM_VALIDATION_WINDOWS }
  assertEnoughRows(request, 'lstm (validation windows)', held)
  return samples
}

function splitFrame(frame: FeatureFrame, request: FitRequest, options: SampleOptions): SplitFrame {
  const { from, to } = labelledRows(frame, request.span, request.horizon)
  const validationFrom = Math.max(from, to - options.validationSessions)
  const gap = Math.max(options.gapSessions, request.horizon)
  return {
    frame,
    train: { from, to: Math.max(from, validationFrom - gap) },
    validation: { from: validationFrom, to },
  }
}

/** All frames' standardised rows in one matrix [Σn, F]. */
function stackRows(frames: readonly FeatureFrame[], scaler: Scaler): RowMatrix {
  const parts = frames.map((frame) => standardise(frame, scaler))
  const values = new Float32Array(parts.reduce((total, part) => total + part.length, 0))
  let offset = 0
  for (const part of parts) {
    values.set(part, offset)
    offset += part.length
  }
  return { values, width: scaler.names.length }
}

interface Collecting {
  readonly request: FitRequest
  readonly options: SampleOptions
}

/** Complete windows that end in the chosen rows, with the return over s·√h as target. */
function collectWindows(
  splits: readonly SplitFrame[],
  part: 'train' | 'validation',
  { request, options }: Collecting,
): TrainingWindows {
  const ends: number[] = []
  const targets: number[] = []
  const root = Math.sqrt(request.horizon)
  const needed = [...options.features, 'ewmaVolatility']
  let offset = 0
  for (const { frame, ...rows } of splits) {
    const complete = completeWindows(frame, needed, options.windowLength)
    const volatility = frameColumn(frame, 'ewmaVolatility')
    for (let row = rows[part].from; row < rows[part].to; row++) {
      if (complete[row] !== 1) continue
      ends.push(offset + row)
      targets.push(
        forwardReturn(frame, row, request.horizon) / ((volatility[row] as number) * root),
      )
    }
    offset += frame.date.length
  }
  return { ends: Int32Array.from(ends), targets: Float64Array.from(targets) }
}
