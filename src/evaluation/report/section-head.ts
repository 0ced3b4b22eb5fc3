/** The top of the report: what it is about, what it can and cannot show, and what the gate decided. */
import { html, type Markup } from './html.ts'
import { formatLongDate } from './number-format.ts'
import type { ReportClaim, ReportGate, ReportInput } from './report-input.ts'
import { limitsWords, scopeWords } from './report-words.ts'

export function headSection(input: ReportInput): Markup {
  return html`<header>
<p class="eyebrow">${input.symbol} · backtest report</p>
<h1>${input.title}</h1>
<p class="meta"><span>As of ${formatLongDate(input.asOf)}</span>${historicalTag(input)}</p>
<p class="lead">${scopeWords(input)}</p>
<p>${limitsWords(input)}</p>
</header>`
}

function historicalTag(input: ReportInput): Markup | undefined {
  return input.historical ? html`<span class="tag">historical data, on purpose</span>` : undefined
}

interface Verdict {
  readonly mark: string
  readonly tone: 'good' | 'wait' | 'none'
  readonly words: string
}

const VERDICTS: Readonly<Record<string, Verdict>> = {
  promote: { mark: '✓', tone: 'good', words: 'Promote: the evidence meets the gate.' },
  hold: { mark: '✕', tone: 'wait', words: 'Hold: the evidence does not meet the gate.' },
  'insufficient-evidence': {
    mark: '…',
    tone: 'wait',
    words: 'Not enough evidence yet, one way or the other.',
  },
}

export function verdictSection(input: ReportInput): Markup {
  const { gate } = input
  const verdict: Verdict =
    gate === undefined
      ? { mark: '–', tone: 'none', words: 'No gate was run: this is a backtest, not a promotion.' }
      : (VERDICTS[gate.decision] ?? { mark: '–', tone: 'none', words: gate.decision })
  return html`<section id="verdict">
<h2>Verdict</h2>
<div class="verdict ${verdict.tone}">
<p class="decision"><span class="mark" aria-hidden="true">${verdict.mark}</span>${verdict.words}</p>
${gate === undefined ? undefined : reasonList(gate)}
${versionLine(input)}
</div>
${gate === undefined || gate.claims.length === 0 ? undefined : claimTable(gate.claims)}
</section>`
}

function reasonList(gate: ReportGate): Markup | undefined {
  if (gate.reasons.length === 0) return undefined
  return html`<ul>${gate.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`
}

function versionLine({ version }: ReportInput): Markup | undefined {
  if (version === undefined) return undefined
  return html`<p class="note">Registered as <strong>${version.name}</strong>, version ${String(version.version)}, in ${version.environment}.</p>`
}

const STANDINGS = {
  holds: { words: '✓ holds', tone: 'yes' },
  open: { words: '… open', tone: 'no' },
  fails: { words: '✕ fails', tone: 'no' },
} as const

function claimTable(claims: readonly ReportClaim[]): Markup {
  return html`<table class="claims">
<caption>Claims, each tested on its own</caption>
<thead><tr><th scope="col">Claim</th><th scope="col">Result</th></tr></thead>
<tbody>${claims.map(claimRow)}</tbody></table>`
}

function claimRow({ claim, statement, standing, required }: ReportClaim): Markup {
  const { words, tone } = STANDINGS[standing]
  const note = required === true ? html`<small>required</small>` : undefined
  return html`<tr><th scope="row" class="words">${claim.replaceAll('-', ' ')}<small>${statement}</small></th><td class="${tone}">${words}${note}</td></tr>`
}
