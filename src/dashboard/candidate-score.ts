/** A run is named after the model that it judges beside others: `lstm AAPL 2013-03-01`. */
interface NamedRun {
  readonly name: string
  readonly metrics: Readonly<Record<string, number | null>>
}

/** The score of the model that the run is named after; `null` where it has none, as in a fold. */
export function candidateScore({ name, metrics }: NamedRun, score: string): number | null {
  const [model = ''] = name.split(' ')
  return metrics[`${model}.${score}`] ?? null
}
