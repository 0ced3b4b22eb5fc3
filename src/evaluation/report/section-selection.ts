/** How much luck is in the choice: of this recipe among those tried, of the best model among these. */
import { selectionRows } from '../selection/selection-rows.ts'
import { html, type Markup } from './html.ts'
import type { ReportInput } from './report-input.ts'

export function selectionSection({ selection }: ReportInput): Markup | undefined {
  if (selection === undefined) return undefined
  const rows = selectionRows(selection).map(
    ({ label, figure, meaning }) =>
      html`<tr><th scope="row" class="words">${label}<small>${meaning}</small></th><td>${figure}</td></tr>`,
  )
  return html`<section id="selection">
<h2>Selection</h2>
<p>Whoever tries many recipes on the same days finds one that looks good. The trial ledger counts them, and these figures say what is left when luck is taken off.</p>
<table class="settings"><caption>What is known of the choice</caption>
<thead><tr><th scope="col">Measure</th><th scope="col">Figure</th></tr></thead>
<tbody>${rows}</tbody></table>
<p class="note">The trading rule is a yardstick of direction, costs included, and not advice. Sources: Bailey and López de Prado 2014 (deflated Sharpe ratio); Bailey, Borwein, López de Prado and Zhu 2017 (overfitting); Hansen 2005; Hansen, Lunde and Nason 2011.</p>
</section>`
}
