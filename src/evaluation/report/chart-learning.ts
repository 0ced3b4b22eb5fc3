/** Losses of a training by epoch: whether it has learnt, and whether it has learnt by heart. */
import { axisTitle, marginsFor, plotArea, tickedAxis, valueAxis } from './chart-axes.ts'
import type { KeyEntry } from './chart-key.ts'
import { lineSeries, type Point } from './chart-series.ts'
import { INK } from './chart-style.ts'
import { formatNumber } from './number-format.ts'
import type { Chart } from './svg-chart.ts'

/** One epoch of one network. Losses are mean negative log-likelihoods. */
export interface LearningEpoch {
  readonly member: number
  readonly epoch: number
  readonly trainLoss: number
  readonly validationLoss: number
}

const KINDS = [
  { name: 'training', loss: 'trainLoss', dash: [5, 3] },
  { name: 'validation', loss: 'validationLoss', dash: 'solid' },
] as const

export function learningChart(epochs: readonly LearningEpoch[]): Chart {
  const first = Math.min(...epochs.map(({ epoch }) => epoch))
  const last = Math.max(first + 1, ...epochs.map(({ epoch }) => epoch))
  return {
    key: 'learning',
    description: describe(epochs),
    aspect: { wide: 0.42, narrow: 0.8 },
    option: (size) => ({
      title: axisTitle(size, 'Mean negative log-likelihood, nats'),
      grid: plotArea(marginsFor(size, 16)),
      xAxis: tickedAxis(size, [first, last], epochTicks(first, last)),
      yAxis: valueAxis(size, { format: (value) => formatNumber(value, 2) }),
      series: members(epochs).flatMap((member) =>
        KINDS.map(({ loss, dash }) =>
          lineSeries(
            epochs
              .filter((one) => one.member === member && Number.isFinite(one[loss]))
              .map((one): Point => [one.epoch, one[loss]]),
            { color: colourOf(member), dash },
            1.8,
          ),
        ),
      ),
    }),
  }
}

/** Which line is whose: a dash for each loss, a colour for each network. */
export function learningKey(epochs: readonly LearningEpoch[]): readonly KeyEntry[] {
  return [
    ...KINDS.map(({ name, dash }) => ({ label: name, style: { color: INK.muted, dash } })),
    ...members(epochs).map((member) => ({
      label: `network ${member}`,
      style: { color: colourOf(member), dash: 'solid' as const },
    })),
  ]
}

/** Networks that are told apart; an ensemble of more shows its first ones. */
const MOST_MEMBERS = 3

function members(epochs: readonly LearningEpoch[]): number[] {
  return [...new Set(epochs.map(({ member }) => member))].slice(0, MOST_MEMBERS)
}

function colourOf(member: number): string {
  return `var(--series-${(member % 6) + 1})`
}

function epochTicks(first: number, last: number) {
  const step = Math.max(1, Math.ceil((last - first) / 10))
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => {
    const at = first + i * step
    return { at, label: i === 0 ? `epoch ${at}` : String(at) }
  })
}

function describe(epochs: readonly LearningEpoch[]): string {
  const best = Math.min(...epochs.map(({ validationLoss }) => validationLoss))
  const count = members(epochs).length
  return (
    `Line chart of training and validation loss by epoch, of ${count} network${count === 1 ? '' : 's'}. ` +
    `Lowest validation loss: ${formatNumber(best, 4)}.`
  )
}
