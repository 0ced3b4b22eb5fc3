/** Skill over time: whether a model was better all along or owes it to a few days. */
import { chartKey } from './chart-key.ts'
import { cumulativeSkill, skillChart } from './chart-skill.ts'
import { lineStyleOf } from './chart-style.ts'
import { html, type Markup } from './html.ts'
import { BENCHMARK, candidateOf, modelsOf, type ReportInput } from './report-input.ts'
import { renderChart } from './svg-chart.ts'

export function skillSection(input: ReportInput): Markup {
  return html`<section id="skill">
<h2>Skill over time</h2>
${skillFigure(input) ?? html`<p class="note">There is no chart: it needs the daily losses of ${BENCHMARK} and of another model on two days or more.</p>`}
</section>`
}

function skillFigure(input: ReportInput): Markup | undefined {
  const skill = skillByModel(input)
  const { date } = input.backtest
  if (skill.size === 0 || date.length < 2) return undefined
  const models = modelsOf(input)
  const candidate = candidateOf(input)
  const entries = [...skill.keys()].map((model) => ({
    label: model,
    style: lineStyleOf(model, models),
    bold: model === candidate,
  }))
  return html`<figure>
<h3>CRPS saved against naive</h3>
${chartKey(entries)}
${renderChart(skillChart({ date, skill, models, candidate }))}
<figcaption>The sum, day after day, of naive’s CRPS minus the model’s. A rising line means that the model was better in that time, a falling one that it was worse; a single jump may be luck, a steady slope convinces more.</figcaption>
</figure>`
}

/** Cumulative skill of each model against the benchmark; empty where the benchmark is missing. */
export function skillByModel(
  input: Pick<ReportInput, 'backtest' | 'losses'>,
): ReadonlyMap<string, Float64Array> {
  const skill = new Map<string, Float64Array>()
  const benchmark = input.losses[BENCHMARK]
  if (benchmark === undefined) return skill
  for (const model of modelsOf(input)) {
    const losses = input.losses[model]
    if (model !== BENCHMARK && losses !== undefined)
      skill.set(model, cumulativeSkill(benchmark, losses))
  }
  return skill
}
