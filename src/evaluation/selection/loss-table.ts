/** What the comparisons of many models ask of their losses. */

/** @throws {RangeError} On too few series, no days, or series of different lengths. */
export function assertSameDays(series: readonly Float64Array[], least: number): void {
  const lengths = new Set(series.map(({ length }) => length))
  if (series.length >= least && lengths.size === 1 && !lengths.has(0)) return
  throw new RangeError(
    `Expected at least ${least} series of the same days, received ${series.length} with ` +
      `${[...lengths].join(', ')} days`,
  )
}
