/** Minimisation of a merely continuous function of a few variables, and what all minimisers answer. */

/** Where a search ended. */
export interface Minimum {
  readonly point: Float64Array
  readonly value: number
  readonly iterations: number
  readonly evaluations: number
  /** Whether the tolerances were met before the budget ran out. */
  readonly converged: boolean
}

/** A function of a point; NaN counts as infinitely bad. It must not keep or change the point. */
export type Objective = (point: Float64Array) => number

export interface NelderMeadOptions {
  /** Edge of the first simplex along each axis, relative to max(|coordinate|, 1). Default 0.1. */
  readonly initialStep?: number
  /** Stops when values differ by less than this times max(|value|, 1)… Default 1e-10. */
  readonly valueTolerance?: number
  /** … and coordinates by less than this times max(|coordinate|, 1). Default 1e-6. */
  readonly pointTolerance?: number
  /** Default 400 evaluations per dimension. */
  readonly maxEvaluations?: number
}

/**
 * Minimises by the simplex method, with coefficients that depend on the dimension.
 *
 * Restart it from its result where the function is ill-conditioned: a fresh simplex often gains.
 *
 * @param start Point [d], d >= 1, at which the function is finite.
 * @throws {RangeError} On an empty start, or one where the function is not finite.
 *
 * Source: Nelder & Mead 1965; coefficients of Gao & Han 2012.
 */
export function minimiseNelderMead(
  f: Objective,
  start: ArrayLike<number>,
  options: NelderMeadOptions = {},
): Minimum {
  const simplex = new Simplex(f, start, options.initialStep ?? 0.1)
  const { valueTolerance = 1e-10, pointTolerance = 1e-6 } = options
  const budget = options.maxEvaluations ?? 400 * start.length
  let iterations = 0
  let converged = simplex.isSmall(valueTolerance, pointTolerance)
  while (!converged && simplex.evaluations < budget) {
    simplex.improve()
    iterations += 1
    converged = simplex.isSmall(valueTolerance, pointTolerance)
  }
  const { point, value } = simplex.best()
  return { point, value, iterations, evaluations: simplex.evaluations, converged }
}

interface Vertex {
  readonly point: Float64Array
  readonly value: number
}

/** d + 1 vertices, best first. */
class Simplex {
  readonly #f: Objective
  readonly #vertices: Vertex[] = []
  readonly #dimension: number
  evaluations = 0

  constructor(f: Objective, start: ArrayLike<number>, step: number) {
    this.#f = f
    this.#dimension = start.length
    if (start.length === 0) throw new RangeError('A minimiser needs at least one coordinate')
    const first = this.#vertexAt(Float64Array.from(start))
    if (first.value === Infinity) {
      throw new RangeError(`The function is not finite at the starting point [${first.point}]`)
    }
    this.#vertices.push(first)
    for (let axis = 0; axis < start.length; axis++) {
      const point = Float64Array.from(start)
      const coordinate = point[axis] as number
      point[axis] = coordinate + step * Math.max(Math.abs(coordinate), 1)
      this.#vertices.push(this.#vertexAt(point))
    }
    this.#sort()
  }

  best(): Vertex {
    return this.#vertices[0] as Vertex
  }

  isSmall(valueTolerance: number, pointTolerance: number): boolean {
    const best = this.best()
    const worst = this.#vertices[this.#dimension] as Vertex
    const allowed = valueTolerance * Math.max(Math.abs(best.value), 1)
    if (!(worst.value - best.value <= allowed)) return false
    return this.#vertices.every((vertex) =>
      vertex.point.every((coordinate, axis) => {
        const centre = best.point[axis] as number
        return Math.abs(coordinate - centre) <= pointTolerance * Math.max(Math.abs(centre), 1)
      }),
    )
  }

  /** One iteration: reflect the worst vertex, then expand, contract or shrink. */
  improve(): void {
    const d = this.#dimension
    const expansion = 1 + 2 / d
    const contraction = d === 1 ? 0.5 : 0.75 - 1 / (2 * d)
    const centre = this.#centroid()
    const best = this.best()
    const secondWorst = this.#vertices[d - 1] as Vertex
    const worst = this.#vertices[d] as Vertex
    const reflected = this.#along(centre, worst, -1)
    if (reflected.value < best.value) {
      const expanded = this.#along(centre, worst, d === 1 ? -2 : -expansion)
      this.#replaceWorst(expanded.value < reflected.value ? expanded : reflected)
    } else if (reflected.value < secondWorst.value) {
      this.#replaceWorst(reflected)
    } else {
      const outside = reflected.value < worst.value
      const contracted = this.#along(centre, worst, outside ? -contraction : contraction)
      if (contracted.value < Math.min(reflected.value, worst.value)) this.#replaceWorst(contracted)
      else this.#shrink()
    }
  }

  /** Mean of all vertices but the worst. */
  #centroid(): Float64Array {
    const centre = new Float64Array(this.#dimension)
    for (let v = 0; v < this.#dimension; v++) {
      const { point } = this.#vertices[v] as Vertex
      for (let i = 0; i < centre.length; i++) {
        centre[i] = (centre[i] as number) + (point[i] as number) / this.#dimension
      }
    }
    return centre
  }

  /** centre + factor · (vertex - centre). */
  #along(centre: Float64Array, vertex: Vertex, factor: number): Vertex {
    return this.#vertexAt(
      centre.map((middle, i) => middle + factor * ((vertex.point[i] as number) - middle)),
    )
  }

  #vertexAt(point: Float64Array): Vertex {
    this.evaluations += 1
    const value = this.#f(point)
    return { point, value: Number.isNaN(value) ? Infinity : value }
  }

  #replaceWorst(vertex: Vertex): void {
    this.#vertices[this.#dimension] = vertex
    this.#sort()
  }

  #shrink(): void {
    const d = this.#dimension
    const factor = d === 1 ? 0.5 : 1 - 1 / d
    const { point } = this.best()
    for (let v = 1; v <= d; v++) {
      this.#vertices[v] = this.#along(point, this.#vertices[v] as Vertex, factor)
    }
    this.#sort()
  }

  #sort(): void {
    this.#vertices.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0))
  }
}
