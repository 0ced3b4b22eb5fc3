import { describe, expect, test } from 'vitest'
import type { ForecasterOptions } from './forecaster.ts'
import { createForecaster, MODEL_NAMES } from './model-catalogue.ts'
import { DEFAULT_LSTM_OPTIONS } from './models/lstm-options.ts'

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
    ['a schedule that is none', { schedule: 'linear' }, /'\/schedule': "linear" must be/],
    ['all of a layer dropped', { dropout: 1 }, /'\/dropout': 1 must be < 1/],
    ['a layer without units', { hiddenSizes: [16, 0] }, /'\/hiddenSizes\/1': 0 must be >= 1/],
  ])('refuse %s, and name the model and the option', (_, options, expected) => {
    expect(() => lstmWith(options)).toThrowError(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(expected) }),
    )
    expect(() => lstmWith(options)).toThrow(/The options of model 'lstm' are wrong/)
  })
})

describe('options of the LSTM that would have no effect', () => {
  test.each<[string, ForecasterOptions, RegExp]>([
    ['dropout within a single layer', { dropout: 0.2 }, /'dropout'.* acts between layers/],
    ['a final fraction of a constant rate', { finalFraction: 0.1 }, /'finalFraction'.*'constant'/],
    [
      "a plateau's factor for a cosine",
      { schedule: 'cosine', plateauFactor: 0.5 },
      /'plateauFactor'.*'cosine' does not read it/,
    ],
    [
      'a plateau that comes after the end',
      { schedule: 'reduce-on-plateau', plateauPatience: 5 },
      /'plateauPatience'.*by patience 5/,
    ],
  ])('are refused, not ignored: %s', (_, options, expected) => {
    expect(() => lstmWith(options)).toThrowError(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(expected) }),
    )
  })

  test.each<[ForecasterOptions, ForecasterOptions]>([
    [{ schedule: 'cosine' }, { finalFraction: 0.1 }],
    [
      { schedule: 'reduce-on-plateau', plateauFactor: 0.3 },
      { finalFraction: 0.01, plateauFactor: 0.3, plateauPatience: 2 },
    ],
    [{ hiddenSizes: [8, 8], dropout: 0.2 }, { dropout: 0.2 }],
  ])('%o is taken, its own defaults are written out, and a recipe of it too', (given, expected) => {
    const { options } = lstmWith(given)
    expect(options).toMatchObject({ ...given, ...expected })
    expect(lstmWith(options).options).toEqual(options)
  })
})

describe('the options of a model without choices', () => {
  test.each([...MODEL_NAMES])('may be spelt out, as a recipe of %s does', (name) => {
    const { options } = createForecaster({ name })
    const spelt = JSON.parse(JSON.stringify(options))
    expect(createForecaster({ name, options: spelt }).options).toEqual(options)
  })

  test.each<[string, ForecasterOptions, RegExp]>([
    ['ewma', { decay: 0.9 }, /'ewma' are wrong at '\/decay': 0.9 must be 0.94/],
    ['garch', { q: 2 }, /'garch' are wrong at '\/q': 2 must be 1/],
    ['har', { inputs: ['leverage'] }, /'\/inputs': \["leverage"\] must be \["logRange/],
    ['naive', { scale: 0.02 }, /'naive' are wrong at '\/scale': there is no such option/],
    ['drift', { toString: 1 }, /'\/toString': there is no such option/],
  ])('of %s are refused, not ignored, when they are other ones', (name, options, expected) => {
    expect(() => createForecaster({ name, options })).toThrowError(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(expected) }),
    )
  })
})

test.each(['oracle', 'LSTM', '', 'constructor', '__proto__'])("'%s' is no model", (name) => {
  expect(() => createForecaster({ name })).toThrowError(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('Known models: naive, drift, ewma, garch, har, lstm'),
    }),
  )
})
