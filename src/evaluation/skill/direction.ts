/** Tests of directional skill: better than the majority class, and not independent of the outcome. */
import { binomialTest } from '../../numerics/binomial.ts'
import { normalCdf } from '../../numerics/normal.ts'
import type { TestResult } from '../backtest.ts'

export interface DirectionTest extends TestResult {
  /** Share of days whose sign was right. */
  readonly accuracy: number
  /** Share that always saying the commoner sign would have got right. */
  readonly majorityShare: number
}

/**
 * Whether the signs were right more often than those of the majority class, by the exact binomial
 * test. `t` is the standardised excess of hits, `p` one-sided.
 *
 * The majority class is known only afterwards, so this benchmark is a hard one. A zero outcome is a
 * miss for either sign; a zero forecast counts as up. Days must not overlap: the trials are taken
 * as independent, so pass every h-th day for horizon h.
 *
 * @param forecasts Signed forecasts [n]; only the sign is used.
 * @param outcomes Signed outcomes [n].
 * @throws {RangeError} On different lengths or no days.
 */
export function directionTest(
  forecasts: ArrayLike<number>,
  outcomes: ArrayLike<number>,
): DirectionTest {
  assertSameLength(forecasts, outcomes)
  const n = outcomes.length
  let hits = 0
  let ups = 0
  let downs = 0
  for (let i = 0; i < n; i++) {
    const outcome = outcomes[i] as number
    if (outcome > 0) ups += 1
    if (outcome < 0) downs += 1
    if ((forecasts[i] as number) >= 0 ? outcome > 0 : outcome < 0) hits += 1
  }
  const majorityShare = Math.max(ups, downs) / n
  const accuracy = hits / n
  const deviation = Math.sqrt((majorityShare * (1 - majorityShare)) / n)
  if (deviation === 0) return { accuracy, majorityShare, t: null, p: null }
  return {
    accuracy,
    majorityShare,
    t: (accuracy - majorityShare) / deviation,
    p: binomialTest(hits, n, majorityShare, 'greater'),
  }
}

/**
 * Whether forecast and outcome signs agree more often than if they were independent: p one-sided,
 * asymptotically normal.
 *
 * Unlike `directionTest` it gives no credit, and no blame, for knowing the majority class. A zero
 * counts as up in a forecast and as not up in an outcome. Days must not overlap.
 *
 * @returns Nulls where either series never changes sign.
 * @throws {RangeError} On different lengths or no days.
 *
 * Source: Pesaran & Timmermann 1992.
 */
export function pesaranTimmermann(
  forecastSigns: ArrayLike<number>,
  outcomeSigns: ArrayLike<number>,
): TestResult {
  assertSameLength(forecastSigns, outcomeSigns)
  const n = outcomeSigns.length
  let agreed = 0
  let forecastUp = 0
  let outcomeUp = 0
  for (let i = 0; i < n; i++) {
    const saidUp = (forecastSigns[i] as number) >= 0
    const wentUp = (outcomeSigns[i] as number) > 0
    if (saidUp === wentUp) agreed += 1
    if (saidUp) forecastUp += 1
    if (wentUp) outcomeUp += 1
  }
  const x = forecastUp / n
  const y = outcomeUp / n
  const expected = x * y + (1 - x) * (1 - y)
  const spreadX = x * (1 - x)
  const spreadY = y * (1 - y)
  if (spreadX === 0 || spreadY === 0) return { t: null, p: null }
  const ofAgreement = expected * (1 - expected)
  const skewX = (2 * x - 1) * (2 * x - 1)
  const skewY = (2 * y - 1) * (2 * y - 1)
  const ofExpected = skewY * spreadX + skewX * spreadY + (4 * spreadX * spreadY) / n
  const variance = (ofAgreement - ofExpected) / n
  if (!(variance > 0)) return { t: null, p: null }
  const t = (agreed / n - expected) / Math.sqrt(variance)
  return { t, p: normalCdf(-t) }
}

function assertSameLength(forecasts: ArrayLike<number>, outcomes: ArrayLike<number>): void {
  if (forecasts.length === outcomes.length && outcomes.length > 0) return
  throw new RangeError(
    `Expected forecasts and outcomes of the same days, received ${forecasts.length} and ${outcomes.length}`,
  )
}
