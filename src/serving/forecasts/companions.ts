/** Records, once for each moment, what the others say of it: off the path of the answer. */
import type { Application } from '../../pipeline/application.ts'
import { companionForecasts } from '../../pipeline/issuing/companions.ts'
import type { AnsweredForecast } from './forecast-desk.ts'
import type { RecordForecasts } from './recording.ts'

/** Moments remembered; one that was forgotten is recorded again, which counts nothing twice. */
const MOST_MOMENTS = 50_000

export interface CompanionRecorderOptions {
  readonly app: Application
  readonly record: RecordForecasts
  /** Told who could not speak, and why. */
  readonly onNote: (note: string) => void
}

/**
 * Baselines, the champion before and Staging's version, for the first answer of each version, symbol,
 * horizon and session. They run one after the other, after the answer; their lines are never answered.
 */
export function createCompanionRecorder(
  options: CompanionRecorderOptions,
): (answered: AnsweredForecast) => void {
  const known = new Set<string>()
  let last = Promise.resolve()
  return (answered) => {
    const { model, frame, at } = answered
    const { name, version, forecaster, symbol } = model
    const key = `${name}/${version}/${symbol}/${forecaster.horizon}/${frame.date[at]}`
    if (known.has(key)) return
    if (known.size >= MOST_MOMENTS) known.clear()
    known.add(key)
    last = last.then(async () => {
      await new Promise((resolve) => setImmediate(resolve))
      await recordCompanions(options, answered).catch((error: unknown) => {
        known.delete(key)
        options.onNote(error instanceof Error ? error.message : String(error))
      })
    })
  }
}

async function recordCompanions(
  { app, record, onNote }: CompanionRecorderOptions,
  { model, frame, at, inputs }: AnsweredForecast,
): Promise<void> {
  const { name, version, trainedTo, forecaster } = model
  const { horizon } = forecaster
  const moment = { name, version, trainedTo, horizon, frame, at }
  const { forecasts, notes } = await companionForecasts(app, moment)
  for (const note of notes) onNote(note)
  await record(
    forecasts.map((one) => ({ ...one, inputs, supplied: false, requestId: 'companion' })),
  )
}
