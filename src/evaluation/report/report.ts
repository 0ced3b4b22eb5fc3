/** The HTML report of a backtest: one file that needs nothing else, on a screen, a phone or paper. */
import { html, trustedMarkup } from './html.ts'
import type { ReportInput } from './report-input.ts'
import { REPORT_STYLE } from './report-style.ts'
import { calibrationSection } from './section-calibration.ts'
import { forecastSection } from './section-forecast.ts'
import { headSection, verdictSection } from './section-head.ts'
import { dataSection } from './section-record.ts'
import { scoresSection } from './section-scores.ts'
import { selectionSection } from './section-selection.ts'
import { skillSection } from './section-skill.ts'

/** Nothing may be loaded or run: what the page shows is in the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

const SECTIONS = [
  ['verdict', 'Verdict'],
  ['forecast', 'Forecast'],
  ['scores', 'Scores'],
  ['skill', 'Skill'],
  ['calibration', 'Calibration'],
  ['selection', 'Selection'],
  ['data', 'Data'],
] as const

/**
 * Renders the report as one HTML document.
 *
 * Equal inputs give equal bytes. Every string of the input is escaped. Charts that a backtest is too
 * short for, and parts that are absent, are replaced by a sentence that says so.
 */
export function renderReport(input: ReportInput): string {
  const shown = SECTIONS.filter(([id]) => id !== 'selection' || input.selection !== undefined)
  const links = shown.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)
  return tidyPercents(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${trustedMarkup(POLICY)}">
<link rel="icon" href="data:,">
<title>${input.title}</title>
<style>${trustedMarkup(REPORT_STYLE)}</style>
</head>
<body>
<main>
${headSection(input)}
<nav aria-label="Sections"><ul>${links}</ul></nav>
${verdictSection(input)}
${forecastSection(input)}
${scoresSection(input)}
${skillSection(input)}
${calibrationSection(input)}
${selectionSection(input)}
${dataSection(input)}
</main>
</body>
</html>
`.markup,
  )
}

/** Keeps a number and its percent sign on one line, with the narrow space of good typesetting. */
function tidyPercents(markup: string): string {
  return markup.replace(/(\d) %/g, '$1\u202f%')
}
