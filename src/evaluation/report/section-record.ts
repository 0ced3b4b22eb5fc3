/** What the report rests on: the data and their findings, the settings, and how to get it again. */
import { html, type Markup } from './html.ts'
import { formatCount, formatLongDate, formatNumber } from './number-format.ts'
import type { ReportFinding, ReportInput } from './report-input.ts'

export function dataSection(input: ReportInput): Markup {
  const { data } = input
  return html`<section id="data">
<h2>Data and settings</h2>
<p>${formatCount(data.rows, 'session')} of ${input.symbol}, ${formatLongDate(data.first)} to ${formatLongDate(data.last)}. ${findingWords(data.findings)}</p>
${data.findings.length === 0 ? undefined : findingTable(data.findings)}
${settingTable(input.settings)}
${recordLine(input)}
</section>`
}

function findingWords(findings: readonly ReportFinding[]): string {
  if (findings.length === 0) return 'The quality checks found nothing.'
  const blocking = findings.filter((finding) => finding.severity === 'blocking').length
  const grave = blocking === 0 ? 'none of them blocking' : `${blocking} of them blocking`
  return `The quality checks found ${formatCount(findings.length, 'irregularity', 'irregularities')}, ${grave}.`
}

function findingTable(findings: readonly ReportFinding[]): Markup {
  return html`<details><summary>Findings of the quality checks (${findings.length})</summary>
<table class="claims">
<caption>Findings of the quality checks</caption>
<thead><tr><th scope="col">Finding</th><th scope="col">Severity</th><th scope="col">Rows</th></tr></thead>
<tbody>${findings.map(findingRow)}</tbody></table></details>`
}

function findingRow({ check, severity, message, count, remedy }: ReportFinding): Markup {
  const advice = remedy === undefined ? undefined : html`<small>${remedy}</small>`
  return html`<tr><th scope="row" class="words">${check}<small>${message}</small>${advice}</th><td>${severity}</td><td>${formatNumber(count, 0)}</td></tr>`
}

function settingTable(settings: Readonly<Record<string, string>>): Markup | undefined {
  const entries = Object.entries(settings)
  if (entries.length === 0) return undefined
  const rows = entries.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td class="words">${value}</td></tr>`,
  )
  return html`<details><summary>Settings (${entries.length})</summary>
<table class="settings"><caption>Settings that shaped the result</caption>
<thead><tr><th scope="col">Setting</th><th scope="col" class="words">Value</th></tr></thead>
<tbody>${rows}</tbody></table></details>`
}

function recordLine(input: ReportInput): Markup {
  const { run, data, generatedAt } = input
  return html`<footer>
<p>To get the same figures again, bit for bit: the same data (digest <code>${data.digest}</code>), the same settings and the same version of Tickerflow.${run === undefined ? undefined : html` Recorded as run <code>${run.id}</code> of experiment “${run.experiment}”.`}</p>
<p>Forecasts are statements of probability about one stock’s past and next sessions, not advice to buy or sell.${generatedAt === undefined ? '' : ` Made ${generatedAt}.`}</p>
</footer>`
}
