/** Quasi-Newton minimisation of a smooth function of a few variables. */
import type { Minimum, Objective } from './minimise.ts'

export interface BfgsOptions {
  /** Writes the gradient at `point` [d] into `out` [d]; central differences when absent. */
  readonly gradient?: (point: Float64Array, out: Float64Array) => void
  /**
   * Stops when every |∂f/∂xᵢ| · max(|xᵢ|, 1) is below this times max(|f|, 1). Default 1e-8 with a
   * given gradient, 1e-6 with a numerical one.
   */
  readonly tolerance?: number
  readonly maxIterations?: number
}

/** Cube root of the spacing of doubles: balances truncation and rounding of central differences. */
const DIFFERENCE_STEP = 6e-6
const SUFFICIENT_DECREASE = 1e-4
const CURVATURE = 0.9

/**
 * Minimises by the BFGS method with a line search that meets the weak Wolfe conditions.
 *
 * @param start Point [d], d >= 1, at which the function is finite.
 * @throws {RangeError} On an empty start, or one where the function is not finite.
 *
 * Source: Nocedal & Wright 2006, chapter 6; line search of Lewis & Overton 2013.
 */
export function minimiseBfgs(
  f: Objective,
  start: ArrayLike<number>,
  options: BfgsOptions = {},
): Minimum {
  const search = new QuasiNewton(f, start, options.gradient)
  const tolerance = options.tolerance ?? (options.gradient ? 1e-8 : 1e-6)
  const limit = options.maxIterations ?? 200
  let iterations = 0
  while (iterations < limit && !search.isFlat(tolerance)) {
    if (!search.advance()) break
    iterations += 1
  }
  const { point, value, evaluations } = search
  return { point, value, iterations, evaluations, converged: search.isFlat(tolerance) }
}

class QuasiNewton {
  readonly #f: Objective
  readonly #writeGradient: (point: Float64Array, out: Float64Array) => void
  /** Inverse Hessian [d, d], row-major. */
  readonly #inverse: Float64Array
  #gradient: Float64Array
  #fresh = true
  point: Float64Array
  value: number
  evaluations = 0

  constructor(f: Objective, start: ArrayLike<number>, gradient: BfgsOptions['gradient']) {
    if (start.length === 0) throw new RangeError('A minimiser needs at least one coordinate')
    this.#f = f
    this.#writeGradient = gradient ?? ((point, out) => this.#differences(point, out))
    this.point = Float64Array.from(start)
    this.value = this.#evaluate(this.point)
    if (!(Math.abs(this.value) < Infinity)) {
      throw new RangeError(`The function is not finite at the starting point [${this.point}]`)
    }
    this.#gradient = new Float64Array(start.length)
    this.#writeGradient(this.point, this.#gradient)
    this.#inverse = new Float64Array(start.length * start.length)
    this.#resetInverse(1)
  }

  isFlat(tolerance: number): boolean {
    const allowed = tolerance * Math.max(Math.abs(this.value), 1)
    return this.#gradient.every(
      (slope, i) => Math.abs(slope) * Math.max(Math.abs(this.point[i] as number), 1) <= allowed,
    )
  }

  /** One step; false when no descent is left at this precision. */
  advance(): boolean {
    const direction = this.#direction()
    let slope = dot(direction, this.#gradient)
    if (!(slope < 0)) {
      this.#resetInverse(1)
      direction.set(this.#gradient.map((value) => -value))
      slope = dot(direction, this.#gradient)
    }
    const gradient = new Float64Array(direction.length)
    const reached = this.#lineSearch(direction, slope, gradient)
    if (reached === undefined) return this.#restart()
    this.#learn(reached.point, gradient)
    this.point = reached.point
    this.value = reached.value
    this.#gradient = gradient
    return true
  }

  /** After a failed line search: once more along the gradient, unless that was it. */
  #restart(): boolean {
    if (this.#fresh) return false
    this.#resetInverse(1)
    this.#fresh = true
    return true
  }

  #direction(): Float64Array {
    const d = this.point.length
    const direction = new Float64Array(d)
    for (let i = 0; i < d; i++) {
      let total = 0
      for (let j = 0; j < d; j++) {
        total -= (this.#inverse[i * d + j] as number) * (this.#gradient[j] as number)
      }
      direction[i] = total
    }
    return direction
  }

  /** Doubles or bisects the step until it decreases enough and the slope has flattened enough. */
  #lineSearch(
    direction: Float64Array,
    slope: number,
    gradient: Float64Array,
  ): { point: Float64Array; value: number } | undefined {
    let below = 0
    let above = Infinity
    let step = this.#fresh ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1
    let accepted: { point: Float64Array; value: number } | undefined
    for (let trial = 0; trial < 50; trial++) {
      const point = this.point.map((x, i) => x + step * (direction[i] as number))
      const value = this.#evaluate(point)
      if (value <= this.value + SUFFICIENT_DECREASE * step * slope) {
        accepted = { point, value }
        this.#writeGradient(point, gradient)
        if (dot(gradient, direction) >= CURVATURE * slope) return accepted
        below = step
      } else {
        above = step
      }
      step = above === Infinity ? 2 * below : 0.5 * (below + above)
    }
    return accepted && accepted.value < this.value ? accepted : undefined
  }

  /** The BFGS update of the inverse Hessian; skipped where the curvature is not positive. */
  #learn(point: Float64Array, gradient: Float64Array): void {
    const d = point.length
    const s = point.map((x, i) => x - (this.point[i] as number))
    const y = gradient.map((slope, i) => slope - (this.#gradient[i] as number))
    const curvature = dot(s, y)
    if (!(curvature > 1e-14 * Math.sqrt(dot(s, s) * dot(y, y)))) return
    if (this.#fresh) this.#resetInverse(curvature / dot(y, y))
    this.#fresh = false
    const hy = new Float64Array(d)
    for (let i = 0; i < d; i++) hy[i] = dot(this.#inverse.subarray(i * d, (i + 1) * d), y)
    const weight = (1 + dot(y, hy) / curvature) / curvature
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        const [si, sj] = [s[i] as number, s[j] as number]
        const mixed = ((hy[i] as number) * sj + si * (hy[j] as number)) / curvature
        const at = i * d + j
        this.#inverse[at] = (this.#inverse[at] as number) + weight * si * sj - mixed
      }
    }
  }

  #resetInverse(diagonal: number): void {
    const d = this.point.length
    this.#inverse.fill(0)
    for (let i = 0; i < d; i++) this.#inverse[i * d + i] = diagonal
  }

  #evaluate(point: Float64Array): number {
    this.evaluations += 1
    const value = this.#f(point)
    return Number.isNaN(value) ? Infinity : value
  }

  #differences(point: Float64Array, out: Float64Array): void {
    const probe = point.slice()
    for (let i = 0; i < point.length; i++) {
      const x = point[i] as number
      const step = DIFFERENCE_STEP * Math.max(Math.abs(x), 1)
      probe[i] = x + step
      const ahead = this.#evaluate(probe)
      probe[i] = x - step
      const behind = this.#evaluate(probe)
      probe[i] = x
      out[i] = (ahead - behind) / (2 * step)
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0
  for (let i = 0; i < a.length; i++) total += (a[i] as number) * (b[i] as number)
  return total
}
