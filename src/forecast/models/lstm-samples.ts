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
  /** Held out; they decide when to stop. */
  readonly validation: TrainingWindows
  /** Training and validation windows, and those of the gaps between them. */
  readonly all: TrainingWindows
  /** Fitted on the rows before the last block of validation sessions, whichever is held out. */
  readonly scaler: Scaler
}

/** A frame with its labelled rows, and those of them that are held out. */
interface SplitFrame {
  readonly frame: FeatureFrame
  readonly labelled: FrameRows['rows']
  readonly validation: FrameRows['rows']
}

/**
 * Splits the labelled rows of each frame in time, fits the scaler, and lays all standardised rows one
 * after the other. No training label reaches into the validation rows, and no validation label into
 * the training rows. The order in which the frames come does not matter.
 *
 * @param block Which sessions are held out: 0 the last `validationSessions`, 1 as many before them, and
 *   so on. Where the history is too short for that, the last.
 * @throws {TickerflowError} DATA_INSUFFICIENT when too few complete windows are left.
 */
export function prepareTraining(
  request: FitRequest,
  options: SampleOptions,
  block = 0,
): TrainingSamples {
  const frames = request.frames.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
  const gap = Math.max(options.gapSessions, request.horizon)
  const last = frames.map((frame) => splitFrame(frame, request, { ...options, block: 0 }))
  const scaler = fitScaler(
    last.map(({ frame, labelled: { from }, validation }) => ({
      frame,
      rows: { from, to: Math.max(from, validation.from - gap) },
    })),
    options.features,
  )
  const rows = stackRows(frames, scaler)
  const collect = (splits: readonly SplitFrame[]) => {
    const windows = collectWindows(splits, { request, options })
    return { rows, scaler, ...divide(windows, gap) }
  }
  const earlier = block === 0 ? undefined : collect(splitAt(block, frames, { request, options }))
  if (earlier !== undefined && isEnough(earlier)) return earlier
  const samples = collect(last)
  assertEnough(request, samples)
  return samples
}

interface Collecting {
  readonly request: FitRequest
  readonly options: SampleOptions
}

function splitAt(
  block: number,
  frames: readonly FeatureFrame[],
  { request, options }: Collecting,
): SplitFrame[] {
  return frames.map((frame) => splitFrame(frame, request, { ...options, block }))
}

function splitFrame(
  frame: FeatureFrame,
  request: FitRequest,
  { validationSessions, block }: SampleOptions & { readonly block: number },
): SplitFrame {
  const labelled = labelledRows(frame, request.span, request.horizon)
  const before = (count: number) => Math.max(labelled.from, labelled.to - count)
  const validation = {
    from: before((block + 1) * validationSessions),
    to: before(block * validationSessions),
  }
  return { frame, labelled, validation }
}

function isEnough({ train, validation }: Omit<TrainingSamples, 'all'>): boolean {
  const [learnt, held] = [train.ends.length, validation.ends.length]
  return learnt >= MINIMUM_TRAINING_WINDOWS && held >= MINIMUM_VALIDATION_WINDOWS
}

function assertEnough(request: FitRequest, { train, validation }: TrainingSamples): void {
  const counts = { rows: train.ends.length, needed: MINIMUM_TRAINING_WINDOWS }
  assertEnoughRows(request, 'lstm (training windows)', counts)
  const held = { rows: validation.ends.length, needed: MINIMUM_VALIDATION_WINDOWS }
  assertEnoughRows(request, 'lstm (validation windows)', held)
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

/** A complete window, and how far its last row lies from the validation rows: 0 inside them. */
interface LabelledWindow {
  readonly end: number
  readonly target: number
  readonly distance: number
}

/** Complete windows that end in labelled rows, with the return over s·√h as target. */
function collectWindows(
  splits: readonly SplitFrame[],
  { request, options }: Collecting,
): LabelledWindow[] {
  const windows: LabelledWindow[] = []
  const root = Math.sqrt(request.horizon)
  const needed = [...options.features, 'ewmaVolatility']
  let offset = 0
  for (const { frame, labelled, validation } of splits) {
    const complete = completeWindows(frame, needed, options.windowLength)
    const volatility = frameColumn(frame, 'ewmaVolatility')
    for (let row = labelled.from; row < labelled.to; row++) {
      if (complete[row] !== 1) continue
      const unit = (volatility[row] as number) * root
      windows.push({
        end: offset + row,
        target: forwardReturn(frame, row, request.horizon) / unit,
        distance: Math.max(validation.from - row, row - validation.to + 1, 0),
      })
    }
    offset += frame.date.length
  }
  return windows
}

function divide(windows: readonly LabelledWindow[], gap: number) {
  return {
    train: windowsOf(windows.filter(({ distance }) => distance > gap)),
    validation: windowsOf(windows.filter(({ distance }) => distance === 0)),
    all: windowsOf(windows),
  }
}

function windowsOf(windows: readonly LabelledWindow[]): TrainingWindows {
  return {
    ends: Int32Array.from(windows, ({ end }) => end),
    targets: Float64Array.from(windows, ({ target }) => target),
  }
}
