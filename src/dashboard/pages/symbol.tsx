import { useMemo } from 'react'
import type { Operations } from '../../serving/client/operations.ts'
import { figure, instant, price } from '../format.ts'
import { LineChart } from '../parts/line-chart.tsx'
import { type Cone, PriceChart } from '../parts/price-chart.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { useAnswer } from '../use-answer.ts'

type Issued = Operations['getIssuedForecasts']['answer']['forecasts'][number]
type Bars = Operations['getBars']['answer']

export function SymbolPage({ symbol }: { readonly symbol: string | undefined }) {
  return symbol === undefined ? <SymbolList /> : <OneSymbol symbol={symbol} />
}

function SymbolList() {
  const symbols = useAnswer('listSymbols')
  return (
    <>
      <h1>Symbols</h1>
      <Shown asked={symbols}>
        {({ symbols: all }) => (
          <Table
            caption="Symbols with bars"
            columns={['Symbol', 'Source', 'First day', 'Last day', '#Days', '#Version live']}
            rows={all.map((one) => ({
              key: one.symbol,
              cells: [
                <a key="link" href={`#/symbols/${one.symbol}`}>
                  {one.symbol}
                </a>,
                ...[one.source, one.first ?? '–', one.last ?? '–'],
                ...[figure(one.rows), figure(one.production)],
              ],
            }))}
          />
        )}
      </Shown>
    </>
  )
}

function OneSymbol({ symbol }: { readonly symbol: string }) {
  const bars = useAnswer('getBars', { path: { symbol } })
  const issued = useAnswer('getIssuedForecasts', { path: { symbol }, query: { limit: 250 } })
  return (
    <>
      <h1>{symbol}</h1>
      <Shown asked={bars}>
        {(columns) => <Prices bars={columns} last={issued.answer?.forecasts[0]} />}
      </Shown>
      <h2>Past forecasts and outcomes</h2>
      <Shown asked={issued}>
        {({ forecasts }) =>
          forecasts.length === 0 ? (
            <Empty>
              No forecast of {symbol} has been issued: <code>GET /api/v1/forecasts/{symbol}</code>{' '}
              issues one.
            </Empty>
          ) : (
            <PastForecasts forecasts={forecasts} />
          )
        }
      </Shown>
    </>
  )
}

function Prices({ bars, last }: { readonly bars: Bars; readonly last: Issued | undefined }) {
  const cone = useMemo(() => coneOf(bars, last), [bars, last])
  return (
    <>
      <PriceChart symbol={bars.symbol} candles={bars} cone={cone} />
      <p className="hint">
        US dollars, split-adjusted, from {bars.source}; {bars.date.length} sessions to{' '}
        {bars.date.at(-1)}.{' '}
        {last !== undefined &&
          `Forecast of ${last.asOf}, ${last.horizon} session(s) ahead: median ${price(last.median)}, 80 % between ${price(last.low80)} and ${price(last.high80)}, 95 % between ${price(last.low95)} and ${price(last.high95)}.`}{' '}
        Chart by <a href="https://www.tradingview.com/">TradingView Lightweight Charts</a>.
      </p>
    </>
  )
}

/** From the close of its day to the session that it speaks of, by weekdays where that is to come. */
function coneOf({ date }: Bars, last: Issued | undefined): Cone | undefined {
  if (last === undefined) return undefined
  const row = date.indexOf(last.asOf)
  if (row < 0) return undefined
  const to = date[row + last.horizon] ?? weekdaysAfter(last.asOf, last.horizon)
  return { ...last, from: last.asOf, to, close: last.referenceClose }
}

function weekdaysAfter(day: string, count: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  for (let left = count; left > 0; ) {
    date.setUTCDate(date.getUTCDate() + 1)
    if (date.getUTCDay() % 6 !== 0) left--
  }
  return date.toISOString().slice(0, 10)
}

function PastForecasts({ forecasts }: { readonly forecasts: readonly Issued[] }) {
  const inOrder = forecasts.toReversed()
  return (
    <>
      <LineChart
        label="Forecast medians, 80 % intervals and outcomes over time; the table below has the figures"
        unit="USD"
        categories={inOrder.map(({ asOf }) => asOf)}
        series={[
          { name: 'Median', values: inOrder.map(({ median }) => median) },
          { name: 'Outcome', values: inOrder.map(({ outcome }) => outcome) },
          { name: '80 % low', values: inOrder.map(({ low80 }) => low80) },
          { name: '80 % high', values: inOrder.map(({ high80 }) => high80) },
        ]}
      />
      <Table
        caption="The newest forecasts"
        columns={[
          'Day',
          '#Sessions ahead',
          '#Version',
          '#Median',
          'Interval 80 %',
          '#Outcome',
          '#CRPS',
          'Issued',
        ]}
        rows={forecasts.slice(0, 60).map((one) => ({
          key: `${one.asOf} ${one.version} ${one.horizon}`,
          cells: [
            one.asOf,
            ...[one.horizon, one.version, price(one.median)],
            `${price(one.low80)} to ${price(one.high80)}`,
            ...[one.outcome === null ? 'pending' : price(one.outcome), figure(one.crps)],
            instant(one.issuedAt),
          ],
        }))}
      />
    </>
  )
}
