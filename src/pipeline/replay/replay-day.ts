/** One session of a replay, after its close: what an operation does every day, in its order. */
import { isTickerflowError } from '../../errors.ts'
import { buildFeatureFrame } from '../../features/build-frame.ts'
import type { FeatureFrame } from '../../features/feature-frame.ts'
import type { TradingCalendar } from '../../market/trading-calendar.ts'
import { formatDay, monthOf } from '../../market/trading-date.ts'
import type { ForecastLedger } from '../../monitoring/ledger/forecast-ledger.ts'
import type { LedgerEntry } from '../../monitoring/ledger/ledger-line.ts'
import { matureForecasts } from '../../monitoring/ledger/outcomes.ts'
import { forecasterName } from '../../registry/forecaster-name.ts'
import { expireOverdue } from '../../registry/promotion.ts'
import type { Application } from '../application.ts'
import { monitorSymbol } from '../monitor/monitor.ts'
import type { Progress } from '../progress.ts'
import { concludeShadow, isRetrainDue, retrain } from '../retraining/retrain.ts'
import { type RetrainReason, startsPeriod } from '../retraining/retrain-due.ts'
import { bestClassicalModel } from '../retraining/train-challenger.ts'
import type { ReplayedHistory } from './price-history.ts'
import type { ReplayRequest } from './replay-plan.ts'
import { applyApprovals } from './scripted-approvals.ts'
import { sessionEntries } from './session-entries.ts'
import { createCast, fitBaselines, type Speaker } from './speakers.ts'

export interface ReplayDay {
  /** @returns Whether something was trained: worth a checkpoint. */
  live(
    day: number,
    place: { readonly isFirst: boolean; readonly next: number | undefined },
  ): Promise<boolean>
  /** After the last session: outcomes that are known are settled. */
  settle(): void
  fitBaselines(to: number, frames: readonly FeatureFrame[]): void
  baselinesTo(): number
  /** Whether the schedule of the retraining begins anew between two sessions. */
  isPeriodStart(day: number, before: number): boolean
}

export interface ReplayDayOptions {
  readonly request: ReplayRequest
  readonly calendar: TradingCalendar
  readonly history: ReplayedHistory
  readonly signal: AbortSignal | undefined
}

/** What a replay tells of the steps inside a session. */
const QUIET: Progress = { step: async (_, work) => await work(() => {}) }

export function createReplayDay(app: Application, options: ReplayDayOptions): ReplayDay {
  const { request, calendar, history, signal } = options
  const { symbols, config } = request
  const ledger: ForecastLedger = app.openLedger('replay')
  const cast = createCast(app)
  const baselines = new Map<string, readonly Speaker[]>()
  let baselinesTo = 0
  const asked = (symbol: string, change: Partial<typeof config> = {}) => ({
    config: { ...config, symbol, panel: config.panel ?? [...symbols], ...change },
    progress: QUIET,
    signal,
  })

  const fitAll = (to: number, frames: readonly FeatureFrame[]) => {
    baselinesTo = to
    for (const frame of frames) {
      if (!symbols.includes(frame.symbol)) continue
      baselines.set(
        frame.symbol,
        fitBaselines(frame, { to, horizon: config.horizon, seed: config.seed }),
      )
    }
  }

  /** Before the first session: the best classical model goes live, if the gate lets it. */
  const begin = async (symbol: string) => {
    const first = {
      trigger: 'first',
      reason: 'the first champion: the best classical model',
    } as const
    await attempt(async () => {
      const candidate = await bestClassicalModel(app, asked(symbol))
      const now = { ...config.retrain, shadowSessions: 0 }
      return await retrain(app, asked(symbol, { candidate, retrain: now }), first)
    })
  }

  const train = async (symbol: string, why: RetrainReason) =>
    await attempt(() => retrain(app, asked(symbol), why))

  const retrainWhereDue = async (isFirst: boolean): Promise<boolean> => {
    let trained = false
    for (const symbol of symbols) {
      if (isFirst) {
        await begin(symbol)
        await train(symbol, { trigger: 'first', reason: 'the first challenger' })
        trained = true
        continue
      }
      const decision = await isRetrainDue(app, asked(symbol))
      if (!decision.due) continue
      await train(symbol, decision)
      trained = true
    }
    return trained
  }

  return {
    baselinesTo: () => baselinesTo,
    isPeriodStart: (day, before) => startsPeriod(day, before, config.retrain.schedule),
    fitBaselines: fitAll,
    settle() {
      for (const symbol of symbols) settleTo(symbol, calendar.lastCompleteSession(app.clock()))
    },
    async live(day, { isFirst, next }) {
      // People decide until the close: on Monday what was asked on Friday evening, before it expires.
      const byTheClose = { ...app.promotions, clock: () => calendar.closeTime(day) }
      await applyApprovals(byTheClose, request.approvals ?? [], formatDay(day))
      for (const symbol of symbols) settleTo(symbol, day)
      expireOverdue(app.promotions)
      if (isLastOfMonth(day, next)) {
        for (const symbol of symbols) await monitorSymbol(app, { ...asked(symbol), symbol })
      }
      for (const symbol of symbols) await concludeShadow(app, asked(symbol))
      const trained = await retrainWhereDue(isFirst)
      if (trained)
        fitAll(
          day,
          symbols.map((symbol) => buildFeatureFrame(history.readTo(symbol, day))),
        )
      // One after another: the order of the lines is part of what is hashed.
      const entries: LedgerEntry[] = []
      for (const symbol of symbols) entries.push(...(await entriesOf(symbol, day)))
      await ledger.append(entries)
      return trained
    },
  }

  function settleTo(symbol: string, day: number): void {
    matureForecasts(app.database, history.readTo(symbol, day), app.clock())
  }

  async function entriesOf(symbol: string, day: number): Promise<LedgerEntry[]> {
    const bars = history.readTo(symbol, day)
    if (bars.date.at(-1) !== day) return []
    const own = await cast.speakersOf(forecasterName(symbol))
    const speakers = [...own, ...(baselines.get(symbol) ?? [])]
    return sessionEntries({ bars, speakers, calendar, nowMs: app.clock() })
  }
}

/** A retraining that cannot be done is a line of the journal, and the operation goes on. */
async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (isTickerflowError(error) && GOES_ON.has(error.code)) return undefined
    throw error
  }
}

const GOES_ON: ReadonlySet<string> = new Set([
  'DATA_INSUFFICIENT',
  'DATA_BLOCKED',
  'TRAINING_DIVERGED',
])

function isLastOfMonth(day: number, next: number | undefined): boolean {
  return next !== undefined && monthOf(next) !== monthOf(day)
}
