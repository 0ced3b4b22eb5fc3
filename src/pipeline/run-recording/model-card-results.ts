/** Sections of a model card about what was measured: scores, calibration, the gate's verdict. */
import type { TestResult } from '../../evaluation/backtest.ts'
import { formatDay } from '../../market/trading-date.ts'
import { calibrationRows } from './calibration-table.ts'
import { fixed, markdownTable, share, wordTable } from './markdown.ts'
import type { CardJudgement } from './model-card-source.ts'

const NOT_JUDGED =
  'This version was trained without being judged: `tickerflow run` judges its recipe.'

export function scoresSection(judged: CardJudgement | undefined): string[] {
  if (judged === undefined) return [NOT_JUDGED]
  const { judgement, folds, refit } = judged
  const { scores, tests } = judgement
  const models = Object.keys(scores).toSorted(
    (a, b) => (scores[a]?.crps ?? 0) - (scores[b]?.crps ?? 0),
  )
  const rows = models.map((model) => {
    const one = scores[model]
    const test = tests[model]
    return [
      model === judged.candidate ? `**${model}**` : model,
      fixed(one === undefined ? null : 1e4 * one.crps, 2),
      fixed(one?.nll, 4),
      fixed(one?.r2oos, 4),
      share(one?.coverage80),
      share(one?.coverage95),
      share(one?.directionalAccuracy),
      ...[test?.dmVsNaive, test?.dmVsEwma, test?.dmVsHar].map((result) => fixed(result?.t, 2)),
    ]
  })
  const days = Object.values(scores)[0]?.n ?? 0
  return [
    `Walk-forward, every model refitted ${refit} on what was known then and judged on the same ${days} days, ` +
      `${formatDay(folds[0]?.testFrom ?? 0)} to ${formatDay(folds.at(-1)?.testTo ?? 0)}, in ${folds.length} fold(s). ` +
      'The scores belong to the recipe; this version is that recipe fitted on all data.',
    '',
    ...markdownTable(
      ['model', 'CRPS bp', 'NLL', 'R² OOS', 'in 80 %', 'in 95 %', 'direction', ...TESTS],
      rows,
    ),
    '',
    'Lower CRPS and NLL are better. The last columns are Diebold–Mariano t statistics on CRPS: below −2 the model is significantly better than that benchmark.',
  ]
}

const TESTS = ['t against naive', 't against EWMA', 't against HAR']
const SHOWN_LEVELS = [0.5, 0.8, 0.9, 0.95, 0.99]

export function calibrationSection(judged: CardJudgement | undefined): string[] {
  if (judged === undefined) return []
  const { candidate, judgement } = judged
  const rows = calibrationRows(judgement).filter(
    ({ model, level }) => model === candidate && SHOWN_LEVELS.includes(level),
  )
  const tests = judgement.tests[candidate]
  const test = (name: string, result: TestResult | undefined) => [
    name,
    fixed(result?.t, 2),
    fixed(result?.p, 3),
  ]
  return [
    `How often outcomes fell inside the central intervals of ${candidate}, and where that share lies 95 times in 100 if the model is right.`,
    '',
    ...markdownTable(
      ['interval', 'inside', 'expected between'],
      rows.map(({ level, coverage, low, high }) => [
        `${Math.round(level * 100)} %`,
        share(coverage),
        `${share(low)} and ${share(high)}`,
      ]),
    ),
    '',
    ...markdownTable(
      ['test', 'statistic', 'p'],
      [
        test('share of misses, 80 % interval (Kupiec)', tests?.kupiec80),
        test('share of misses, 95 % interval (Kupiec)', tests?.kupiec95),
        test('misses come independently, 80 % (Christoffersen)', tests?.christoffersen80),
        test('misses come independently, 95 % (Christoffersen)', tests?.christoffersen95),
      ],
    ),
  ]
}

export function gateSection(judged: CardJudgement | undefined): string[] {
  if (judged === undefined) return ['The gate has not been asked.']
  const { decision, reasons, claims } = judged.gate
  const rows = claims.map(({ claim, required, standing, statement }) => [
    claim.replaceAll('-', ' '),
    required ? 'yes' : 'no',
    standing,
    statement,
  ])
  return [
    `Verdict: **${decision}**.`,
    '',
    ...reasons.map((reason) => `- ${reason}`),
    '',
    ...wordTable(['claim', 'required', 'standing', 'figures'], rows),
  ]
}
