/** The latest forecast in words and as a fan, with the warning that belongs to it. */
import { priceChart } from './chart-price.ts'
import { html, type Markup } from './html.ts'
import {
  formatCount,
  formatLongDate,
  formatNumber,
  formatPercent,
  formatPrice,
  formatSignedPercent,
} from './number-format.ts'
import type { ReportForecast, ReportInput } from './report-input.ts'
import { renderChart } from './svg-chart.ts'

export function forecastSection(input: ReportInput): Markup {
  const { forecast } = input
  return html`<section id="forecast">
<h2>Forecast</h2>
${forecast === undefined ? html`<p>This report comes without a forecast.</p>` : forecastWords(input, forecast)}
${priceFigure(input)}
</section>`
}

function forecastWords(input: ReportInput, forecast: ReportForecast): Markup {
  const price = (value: number): string => formatPrice(value, input.currency ?? '$')
  const change = (value: number): string =>
    formatSignedPercent(value / forecast.referenceClose - 1, 1)
  const range = ([low, high]: readonly [number, number]): Markup =>
    html`<dd>${price(low)} to ${price(high)}<small>${change(low)} to ${change(high)}</small></dd>`
  return html`${usableNote(forecast)}
<p>From the close of ${price(forecast.referenceClose)} on ${formatLongDate(input.asOf)}, the forecast for ${targetWords(forecast.horizon)}:</p>
<dl class="figures">
<div><dt>Median</dt><dd>${price(forecast.median)}<small>${formatSignedPercent(forecast.median / forecast.referenceClose - 1)}</small></dd></div>
<div><dt>80 % interval</dt>${range(forecast.interval80)}</div>
<div><dt>95 % interval</dt>${range(forecast.interval95)}</div>
<div><dt>Chance of a rise</dt><dd>${formatPercent(forecast.probabilityUp)}<small>${coinWords(forecast.probabilityUp)}</small></dd></div>
</dl>
<p class="note">${distributionWords(forecast)}${historicalWords(input)}</p>`
}

function targetWords(horizon: number): string {
  return horizon === 1 ? 'the close of the next session' : `the close ${horizon} sessions later`
}

function coinWords(probability: number): string {
  return Math.abs(probability - 0.5) < 0.03 ? 'as good as a coin flip' : 'not shown to be skill'
}

function distributionWords({ distribution, horizon }: ReportForecast): string {
  const sessions = horizon === 1 ? 'next session' : `next ${formatCount(horizon, 'session')}`
  return (
    `In full: the log return of the ${sessions} is Student-t with location ` +
    `${formatSignedPercent(distribution.location)}, scale ${formatPercent(distribution.scale, 2)} and ` +
    `${formatNumber(distribution.degreesOfFreedom, 1)} degrees of freedom.`
  )
}

function historicalWords(input: ReportInput): string {
  return input.historical
    ? ` The data end on ${formatLongDate(input.data.last)}, so this is a demonstration, not a forecast of a day still to come.`
    : ''
}

function usableNote({ usable, reasons }: ReportForecast): Markup | undefined {
  if (usable && reasons.length === 0) return undefined
  const lead = usable ? 'Mind:' : 'Do not use this forecast:'
  return html`<p class="${usable ? 'caution' : 'caution strong'}"><strong>${lead}</strong> ${reasonWords(reasons)}</p>`
}

function reasonWords(reasons: readonly string[]): string {
  if (reasons.length === 0) return 'no reason was given.'
  return `${reasons.map((reason) => reason.replace(/\.$/, '')).join('; ')}.`
}

function priceFigure(input: ReportInput): Markup | undefined {
  const { date, close } = input.recentBars
  if (close.length < 2) return html`<p class="note">Too few recent sessions for a price chart.</p>`
  const { symbol, forecast, currency = '$' } = input
  return html`<figure>
<h3>Price${forecast === undefined ? '' : ' and forecast'}</h3>
${renderChart(priceChart({ symbol, date, close, forecast, currency }))}
<figcaption>${forecast === undefined ? 'Closes of the latest sessions.' : fanWords(forecast)}</figcaption>
</figure>`
}

function fanWords({ horizon }: ReportForecast): string {
  const growth =
    horizon === 1
      ? ''
      : ' Only its end is a forecast; the way there is drawn as growing with the square root of time.'
  return `Closes of the latest sessions, then the fan: its dark part holds 80 % of the probability, the whole of it 95 %. The fan is stretched in time so that it can be seen.${growth}`
}
