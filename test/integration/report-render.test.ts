import { describe, expect, test } from 'vitest'
import { judge } from '../../src/evaluation/judgement.ts'
import { renderReport } from '../../src/evaluation/report/report.ts'
import type { ReportInput } from '../../src/evaluation/report/report-input.ts'
import { madeBacktest, madeInput } from './report-fixture.ts'

function inputOf(days: number, horizon = 1): ReportInput {
  const backtest = madeBacktest(days, horizon)
  return madeInput(backtest, judge(backtest))
}

/** Labels of the charts in the page. */
function chartLabels(page: string): readonly string[] {
  return [...page.matchAll(/<svg class="chart-wide"[^>]*aria-label="([^"]*)"/g)].map(
    (m) => m[1] ?? '',
  )
}

describe('the report of a full backtest', () => {
  const input = inputOf(2013)
  const page = renderReport(input)

  test('loads nothing, runs nothing and links only to itself', () => {
    expect(page).not.toMatch(/https?:/)
    expect(page).not.toMatch(/<script|<iframe|<object|<embed|<img|@import|\son[a-z]+=/i)
    expect(page).not.toMatch(/url\((?!#)/)
    for (const [, target] of page.matchAll(/(?:href|src)="([^"]*)"/g)) {
      expect(target).toMatch(/^(#[a-z]+|data:,)$/)
    }
    expect(page).toContain("default-src 'none'")
  })

  test('is the same, byte for byte, when rendered again', () => {
    expect(renderReport(inputOf(2013))).toBe(page)
  })

  test('stays well under its size limit', () => {
    expect(page.length).toBeLessThan(400_000)
  })

  test('names every model with its CRPS in basis points', () => {
    for (const model of ['naive', 'ewma', 'garch', 'har', 'lstm']) {
      expect(page).toContain(`<th scope="row">${model}</th>`)
      const crps = (input.scores[model]?.crps ?? Number.NaN) * 10_000
      expect(page).toContain(`<td>${crps.toFixed(2)}</td>`)
    }
  })

  test('draws every chart for a page and for a phone, each with a text alternative', () => {
    const labels = chartLabels(page)
    expect(labels).toHaveLength(5)
    for (const words of [
      /closing price .* fan shows the forecast/i,
      /CRPS saved against the naive forecast/,
      /Histogram of where outcomes fell/,
      /rolling coverage of lstm over 250 sessions/,
      /last 60 forecasts of lstm/,
    ]) {
      expect(labels.some((label) => words.test(label))).toBe(true)
    }
    expect(page.match(/<svg class="chart-narrow"/g)).toHaveLength(5)
    expect(
      page.match(/<svg class="chart-(wide|narrow)"[^>]* role="img" aria-label="[^"]+"/g),
    ).toHaveLength(10)
  })

  test('takes every colour of a chart from the style sheet, so that dark mode reaches it', () => {
    const drawings =
      page.slice(page.indexOf('<body>')).match(/<svg class="chart-[\s\S]*?<\/svg>/g) ?? []
    for (const drawing of drawings) {
      const visible = drawing.replace(/<defs[\s\S]*?<\/defs>/g, '')
      for (const [, colour] of visible.matchAll(/(?:fill|stroke)="([^"]*)"/g)) {
        expect(colour).toMatch(/^(none|var\(--[a-z0-9-]+\))$/)
      }
    }
  })

  test('has no coordinate that is not a number, and no id twice', () => {
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/)
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((m) => m[1])
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, id] of page.matchAll(/url\(#([^)]*)\)/g)) expect(ids).toContain(id)
  })

  test('has a language, one main heading, no skipped level and a caption in every table', () => {
    expect(page).toContain('<html lang="en">')
    const levels = [...page.matchAll(/<h([1-6])/g)].map((m) => Number(m[1]))
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    levels.slice(1).forEach((level, i) => {
      expect(level - (levels[i] ?? 0)).toBeLessThanOrEqual(1)
    })
    expect(page.match(/<caption>/g)?.length).toBe(page.match(/<table/g)?.length)
  })

  test('says in words what it cannot show', () => {
    expect(page).toContain('Such charts prove nothing')
    expect(page).toMatch(/direction of the next move is (as good as|close to) a coin flip/)
    expect(page).toContain('lower is better')
  })

  test('shows the verdict, its reasons and claims, the findings, the settings and the digest', () => {
    expect(page).toContain('Promote: the evidence meets the gate.')
    expect(page).toContain('the upper bound of the relative difference is 0.21\u202f%')
    expect(page).toContain('✓ holds')
    expect(page).toContain('price-step')
    expect(page).toContain(input.data.digest)
    expect(page).toContain('yearly')
    expect(page).toContain(input.run?.id)
  })
})

test('escapes every string of its input', () => {
  const evil = `<img src=x onerror="alert('1')">&`
  const plain = inputOf(70)
  const { forecast, gate } = plain
  if (forecast === undefined || gate === undefined) throw new TypeError('The fixture lacks a part.')
  const track = plain.backtest.tracks[4]
  if (track === undefined) throw new TypeError('The fixture lacks its last model.')
  const rename = <T>(record: Readonly<Record<string, T>>): Record<string, T> => ({
    ...record,
    [evil]: record.lstm as T,
  })
  const page = renderReport({
    ...plain,
    title: evil,
    symbol: evil,
    asOf: evil,
    generatedAt: evil,
    currency: evil,
    candidate: evil,
    data: {
      rows: 1,
      first: evil,
      last: evil,
      digest: evil,
      findings: [{ check: evil, severity: evil, message: evil, remedy: evil }],
    },
    backtest: {
      ...plain.backtest,
      symbol: evil,
      tracks: [...plain.backtest.tracks, { ...track, model: evil }],
    },
    scores: rename(plain.scores),
    tests: rename(plain.tests),
    losses: rename(plain.losses),
    pit: rename(plain.pit),
    gate: {
      decision: evil,
      reasons: [evil],
      claims: [{ claim: evil, statement: evil, standing: 'open' }],
    },
    version: { name: evil, version: evil, environment: evil },
    forecast: { ...forecast, usable: false, reasons: [evil] },
    run: { id: evil, experiment: evil },
    settings: { [evil]: evil },
  })
  expect(page).not.toContain('<img')
  expect(page).not.toMatch(/aria-label="[^"]*<img/)
  expect(page).not.toContain(`'1'`)
  expect(page.split('&lt;img src=x').length).toBeGreaterThan(20)
})

test('a backtest of five days gets sentences where a chart would show chance only', () => {
  const page = renderReport(inputOf(5))
  expect(chartLabels(page).some((label) => label.startsWith('Histogram'))).toBe(false)
  expect(page).toContain('a histogram would show chance only')
  expect(page).toContain('a rolling share would show chance only')
  expect(page).toContain('Nor can so few days say anything about direction')
  expect(page).not.toMatch(/NaN|undefined|Infinity/)
})

test('every optional part may be absent', () => {
  const { backtest, scores, tests, losses, pit, symbol, asOf } = inputOf(70)
  const page = renderReport({
    title: 'Bare',
    symbol,
    asOf,
    historical: false,
    data: { rows: 70, first: asOf, last: asOf, digest: 'ab', findings: [] },
    backtest,
    scores,
    tests,
    losses,
    pit,
    recentBars: { date: new Int32Array(0), close: new Float64Array(0) },
    settings: {},
  })
  expect(page).toContain('No gate was run')
  expect(page).toContain('This report comes without a forecast.')
  expect(page).toContain('The quality checks found nothing.')
  expect(page).not.toContain('historical data')
  expect(page).not.toMatch(/NaN|undefined|Infinity/)
})

test('a backtest without a day or a model still makes a page', () => {
  const empty = new Float64Array(0)
  const page = renderReport({
    ...inputOf(5),
    backtest: {
      symbol: 'AAPL',
      horizon: 1,
      folds: [],
      date: new Int32Array(0),
      fold: new Int32Array(0),
      referenceClose: empty,
      outcome: empty,
      varianceProxy: empty,
      naivePriceError: empty,
      tracks: [],
    },
    scores: {},
    tests: {},
    losses: {},
    pit: {},
  })
  expect(page).toContain('no test days')
  expect(page).toContain('There is no model to examine.')
  expect(page).not.toMatch(/NaN|undefined|Infinity/)
})

test('a statistic that is undefined is a dash', () => {
  const plain = inputOf(70)
  const none = { t: null, p: null }
  const tests = Object.fromEntries(
    Object.keys(plain.tests).map((model) => [model, { dmVsNaive: none, dmVsEwma: none }]),
  )
  const page = renderReport({ ...plain, tests })
  const row = /<th scope="row">lstm<\/th>[\s\S]*?<\/tr>/.exec(page)?.[0] ?? ''
  expect(row.match(/<td>–<\/td>/g)).toHaveLength(3)
})

test('forecasts of several sessions say that they overlap and how the fan is drawn', () => {
  const page = renderReport(inputOf(140, 5))
  expect(page).toContain('5-session')
  expect(page).toContain('the close 5 sessions later')
  expect(page).toContain('square root of time')
  expect(page).toContain('Forecasts of several sessions overlap')
})
