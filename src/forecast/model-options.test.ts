import { describe, expect, test } from 'vitest'
import type { ForecasterOptions } from './forecaster.ts'
import { createForecaster } from './model-catalogue.ts'
import { DEFAULT_LSTM_OPTIONS } from './models/lstm.ts'

const lstmWith = (options: ForecasterOptions) => createForecaster({ name: 'lstm', options })

describe("a model's options", () => {
  test('are its defaults with what was given over them', () => {
    expect(lstmWith({}).options).toEqual(DEFAULT_LSTM_OPTIONS)
    expect(lstmWith({ seeds: 1, hiddenSizes: [8, 8] }).options).toEqual({
      ...DEFAULT_LSTM_OPTIONS,
      seeds: 1,
      hiddenSizes: [8, 8],
    })
  })

  test.each<[string, ForecasterOptions, RegExp]>([
    ['a misspelt one', { windowLenght: 20 }, /'\/windowLenght': there is no such field/],
    ['a number out of range', { locationWeight: 1.5 }, /'\/locationWeight': 1.5 must be <= 1/],
    ['a fraction for a count', { epochs: 2.5 }, /'\/epochs': 2.5 must be integer/],
    ['text for a number', { seeds: '3' }, /'\/seeds': "3" must be integer/],
    ['a number for a list', { hiddenSizes: 16 }, /'\/hiddenSizes': 16 must be array/],
    ['an empty list', { features: [] }, /'\/features': \[\] must not have fewer than 1/],
    ['a layer without units', { hiddenSizes: [16, 0] }, /'\/hiddenSizes\/1': 0 must be >= 1/],
  ])('refuse %s, and name the model and the option', (_, options, expected) => {
    expect(() => lstmWith(options)).toThrowError(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(expected) }),
    )
    expect(() => lstmWith(options)).toThrow(/The options of model 'lstm' are wrong/)
  })
})
