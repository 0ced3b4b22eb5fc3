import { describe, expect, it } from 'vitest'
import { coverageOfTags, forecasterName, versionTags } from './forecaster-name.ts'

describe('forecasterName', () => {
  it.each([
    ['AAPL', 'aapl-forecaster'],
    ['BRK.B', 'brk-b-forecaster'],
    ['^GSPC', '-gspc-forecaster'],
  ])('calls the forecaster of %s %s', (symbol, name) => {
    expect(forecasterName(symbol)).toBe(name)
  })
})

describe('the tags of a version', () => {
  it('say which symbols, horizons and recipe it covers, and are read back', () => {
    const coverage = { symbols: ['AAPL', 'BRK.B'], horizons: [1, 5, 20], recipe: 'abc' }
    const tags = versionTags(coverage)
    expect(tags).toEqual({
      'tickerflow.symbols': 'AAPL,BRK.B',
      'tickerflow.horizons': '1,5,20',
      'tickerflow.recipe': 'abc',
    })
    expect(coverageOfTags(tags)).toEqual(coverage)
  })

  it('are not made up where another client left them out', () => {
    expect(coverageOfTags({ 'tickerflow.symbols': 'AAPL' })).toBeUndefined()
    const odd = { ...versionTags({ symbols: ['A'], horizons: [1], recipe: 'r' }) }
    expect(coverageOfTags({ ...odd, 'tickerflow.horizons': 'soon' })).toBeUndefined()
  })
})
