/** Maximum-likelihood fit of a Student-t distribution to a sample. */
import { exp, log, log1p } from './elementary.ts'
import { findRoot } from './root.ts'
import { digamma } from './special.ts'
import { quantile } from './statistics.ts'

export interface FitStudentTOptions {
  /** Held at this value when given; estimated otherwise. */
  readonly location?: number
  /** Bounds of the degrees of freedom; default 2.05 … 200. */
  readonly lowestDegreesOfFreedom?: number
  readonly highestDegreesOfFreedom?: number
}

export interface StudentTFit {
  readonly location: number
  readonly scale: number
  readonly degreesOfFreedom: number
}

/** The state of the inner search: location and log scale, in units of the sample's spread. */
interface Position {
  location: number
  logScale: number
}

const LOWEST = 2.05
const HIGHEST = 200
const FEWEST_VALUES = 3
/** A scale below e^-14 of the sample's spread means that most values coincide. */
const LOWEST_LOG_SCALE = -14

/**
 * Fits location, scale and degrees of freedom.
 *
 * For given degrees of freedom the rest is found by Newton's method; the degrees of freedom are the
 * zero of the profile likelihood's slope, or the bound that it points beyond. Multiplying the sample
 * by a power of two multiplies location and scale by it exactly.
 *
 * @param values Sample [n], n >= 3, finite.
 * @throws {RangeError} On too few, non-finite or all equal values.
 *
 * Cost: about 60 passes over the sample. Source: Lange, Little & Taylor 1989.
 */
export function fitStudentT(
  values: ArrayLike<number>,
  options: FitStudentTOptions = {},
): StudentTFit {
  const lowest = options.lowestDegreesOfFreedom ?? LOWEST
  const highest = options.highestDegreesOfFreedom ?? HIGHEST
  if (!(lowest > 0 && highest > lowest && highest < Infinity)) {
    throw new RangeError(`Degrees of freedom need 0 < lowest < highest: ${lowest}, ${highest}`)
  }
  const origin = options.location ?? middleOf(values)
  const unit = spreadAbout(values, origin)
  const standardised = Float64Array.from(values, (value) => (value - origin) / unit)
  const search = new ProfileSearch(standardised, options.location === undefined)
  const df = search.bestDegreesOfFreedom(lowest, highest)
  const { location, logScale } = search.settle(df)
  return {
    location: origin + location * unit,
    scale: exp(logScale) * unit,
    degreesOfFreedom: df,
  }
}

function middleOf(values: ArrayLike<number>): number {
  assertSample(values)
  return quantile(values, 0.5)
}

/** Root mean square deviation from `origin`. */
function spreadAbout(values: ArrayLike<number>, origin: number): number {
  assertSample(values)
  let squares = 0
  for (let i = 0; i < values.length; i++) {
    const deviation = (values[i] as number) - origin
    squares += deviation * deviation
  }
  const spread = Math.sqrt(squares / values.length)
  if (spread > 0 && spread < Infinity) return spread
  throw new RangeError(
    spread === 0
      ? `A Student-t cannot be fitted to ${values.length} equal values (${origin})`
      : 'A Student-t needs finite values; the sample holds NaN, infinite or enormous ones',
  )
}

function assertSample(values: ArrayLike<number>): void {
  if (values.length >= FEWEST_VALUES) return
  throw new RangeError(`A Student-t fit needs ${FEWEST_VALUES} values, received ${values.length}`)
}

class ProfileSearch {
  readonly #x: Float64Array
  readonly #freeLocation: boolean
  readonly #position: Position = { location: 0, logScale: 0 }

  constructor(x: Float64Array, freeLocation: boolean) {
    this.#x = x
    this.#freeLocation = freeLocation
  }

  bestDegreesOfFreedom(lowest: number, highest: number): number {
    if (this.slope(highest) >= 0) return highest
    if (this.slope(lowest) <= 0) return lowest
    const { root } = findRoot((u) => this.slope(exp(u)), log(lowest), log(highest))
    return Math.min(highest, Math.max(lowest, exp(root)))
  }

  /** Twice the derivative of the mean profile log-likelihood by the degrees of freedom. */
  slope(df: number): number {
    const { location, logScale } = this.settle(df)
    const perScale = exp(-logScale)
    let total = 0
    for (let i = 0; i < this.#x.length; i++) {
      const z = ((this.#x[i] as number) - location) * perScale
      total += log1p((z * z) / df)
    }
    return digamma(0.5 * df + 0.5) - digamma(0.5 * df) - total / this.#x.length
  }

  /** Location and log scale of highest likelihood, starting from the last ones found. */
  settle(df: number): Position {
    const position = this.#position
    let last = Infinity
    for (let step = 0; step < 100; step++) {
      const [shift, stretch] = this.#newtonStep(df)
      position.location += shift * exp(position.logScale)
      position.logScale = Math.max(LOWEST_LOG_SCALE, position.logScale + stretch)
      const size = Math.max(Math.abs(shift), Math.abs(stretch))
      // Quadratic by now: what is left is rounding once the steps stop shrinking.
      if (size < 1e-15 || (size < 1e-9 && size >= last)) break
      if (position.logScale === LOWEST_LOG_SCALE && stretch < 0) break
      last = size
    }
    return position
  }

  /** Changes of location (in scales) and log scale; Fisher's scoring where Newton would climb down. */
  #newtonStep(df: number): [shift: number, stretch: number] {
    const { location, logScale } = this.#position
    const perScale = exp(-logScale)
    const n = this.#x.length
    let pull = 0
    let excess = 0
    let hessianLocation = 0
    let hessianCross = 0
    let hessianScale = 0
    for (let i = 0; i < n; i++) {
      const z = ((this.#x[i] as number) - location) * perScale
      const inverse = 1 / (df + z * z)
      const curvature = inverse * inverse
      pull += z * inverse
      excess += z * z * inverse
      hessianLocation += (df - z * z) * curvature
      hessianCross += z * curvature
      hessianScale += z * z * curvature
    }
    const gain = (df + 1) * excess - n
    const curveScale = 2 * df * (df + 1) * hessianScale
    if (!this.#freeLocation) return [0, clampStep(gain / curveScale)]
    const curveLocation = (df + 1) * hessianLocation
    const cross = 2 * df * (df + 1) * hessianCross
    const drift = (df + 1) * pull
    const determinant = curveLocation * curveScale - cross * cross
    if (!(curveLocation > 0 && determinant > 0)) {
      const information = n / (df + 3)
      return [clampStep(drift / (information * (df + 1))), clampStep(gain / (2 * information * df))]
    }
    return [
      clampStep((drift * curveScale - gain * cross) / determinant),
      clampStep((gain * curveLocation - drift * cross) / determinant),
    ]
  }
}

/** No step beyond one scale, or a factor e of it. */
function clampStep(step: number): number {
  return Math.max(-1, Math.min(1, step))
}
