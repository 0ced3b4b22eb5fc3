import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigSources, DEFAULT_CONFIG, resolveConfig } from './config.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'config-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

function resolved(sources: Partial<ConfigSources> = {}) {
  return resolveConfig({ flags: {}, environment: {}, directory, ...sources })
}

async function write(name: string, content: unknown): Promise<void> {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  await writeFile(join(directory, name), text)
}

const JSON_FILE = 'tickerflow.config.json'
const MODULE_FILE = 'tickerflow.config.ts'

describe('where a field comes from', () => {
  test('the defaults, where nothing else says', async () => {
    expect(await resolved()).toEqual(DEFAULT_CONFIG)
  })

  test('the file, over the defaults, field by field in its sections', async () => {
    await write(JSON_FILE, {
      symbol: 'MSFT',
      evaluation: { embargoSessions: 3 },
      lstm: { seeds: 5 },
    })
    const config = await resolved()
    expect(config.symbol).toBe('MSFT')
    expect(config.evaluation).toEqual({ ...DEFAULT_CONFIG.evaluation, embargoSessions: 3 })
    expect(config.lstm).toEqual({ ...DEFAULT_CONFIG.lstm, seeds: 5 })
    expect(config.horizon).toBe(DEFAULT_CONFIG.horizon)
  })

  test('the environment, over the file', async () => {
    await write(JSON_FILE, { symbol: 'MSFT', store: 'from-file', horizon: 5 })
    const environment = { TICKERFLOW_SYMBOL: 'IBM', TICKERFLOW_STORE: undefined, HOME: '/root' }
    expect(await resolved({ environment })).toMatchObject({
      symbol: 'IBM',
      store: 'from-file',
      horizon: 5,
    })
  })

  test('the flags, over all, and only those that were given', async () => {
    await write(JSON_FILE, { symbol: 'MSFT', horizon: 5, evaluation: { refit: 'monthly' } })
    const config = await resolved({
      environment: { TICKERFLOW_SYMBOL: 'IBM', TICKERFLOW_STORE: 'from-environment' },
      flags: { symbol: 'GOOG', evaluation: { from: '2006-01-01' }, lstm: { epochs: 2 } },
    })
    expect(config).toMatchObject({ symbol: 'GOOG', store: 'from-environment', horizon: 5 })
    expect(config.evaluation).toMatchObject({ refit: 'monthly', from: '2006-01-01' })
    expect(config.lstm).toMatchObject({ epochs: 2 })
  })

  test('a list is replaced, not joined', async () => {
    await write(JSON_FILE, { models: ['naive', 'har'], candidate: 'har' })
    expect((await resolved()).models).toEqual(['naive', 'har'])
    expect((await resolved({ flags: { models: ['naive', 'lstm'] } })).models).toEqual([
      'naive',
      'lstm',
    ])
  })

  test('nothing is left behind in the defaults', async () => {
    const before = JSON.stringify(DEFAULT_CONFIG)
    await resolved({ flags: { lstm: { seeds: 9 }, evaluation: { refit: 'never' } } })
    expect(JSON.stringify(DEFAULT_CONFIG)).toBe(before)
  })
})

describe('configuration files', () => {
  test('a module with a default export', async () => {
    await write(MODULE_FILE, "const symbol: string = 'MSFT'\nexport default { symbol }\n")
    expect((await resolved()).symbol).toBe('MSFT')
  })

  test('the module wins where both kinds are there', async () => {
    await write(MODULE_FILE, "export default { symbol: 'MSFT' }\n")
    await write(JSON_FILE, { symbol: 'IBM' })
    expect((await resolved()).symbol).toBe('MSFT')
  })

  test('the one that is named, whatever else is there', async () => {
    await write(JSON_FILE, { symbol: 'IBM' })
    await write('other.json', { symbol: 'GOOG' })
    expect((await resolved({ file: 'other.json' })).symbol).toBe('GOOG')
    expect((await resolved({ file: join(directory, 'other.json') })).symbol).toBe('GOOG')
  })
})

async function refusal(sources: Partial<ConfigSources> = {}): Promise<string> {
  const error = await resolved(sources).catch((caught) => caught)
  expect(error).toMatchObject({ name: 'TickerflowError', code: 'CONFIG_INVALID' })
  return error.message
}

describe('a mistake is refused with its source, its path and what was expected', () => {
  test.each([
    ['a misspelt field', { horizn: 5 }, "'/horizn': there is no such field"],
    ['one in a section', { evaluation: { refitt: 'yearly' } }, "'/evaluation/refitt': there is no"],
    ['one of the LSTM', { lstm: { windowLenght: 5 } }, "'/lstm/windowLenght': there is no such"],
    ['text for a number', { horizon: '5' }, `'/horizon': "5" must be integer`],
    ['a number out of range', { horizon: 61 }, "'/horizon': 61 must be <= 60"],
    ['an unknown choice', { source: 'stooq' }, `'/source': "stooq" must be "sample" or "yahoo"`],
    [
      'an unknown schedule',
      { evaluation: { refit: 'weekly' } },
      '"weekly" must be "yearly" or "qu',
    ],
    [
      'a malformed date',
      { evaluation: { from: '1/2/2005' } },
      `'/evaluation/from': "1/2/2005" must`,
    ],
    ['no model at all', { models: [] }, "'/models': [] must not have fewer than 1 items"],
    ['null for a field', { symbol: null }, "'/symbol': null must be string"],
    ['null for a section', { evaluation: null }, "'/evaluation': null must be object"],
    ['a number for a section', { lstm: 5 }, "'/lstm': 5 must be object"],
    ['a list for a section', { lstm: [] }, "'/lstm': [] must be object"],
    ['null for the whole', null, "'/': null must be object"],
    ['a list for the whole', [], "'/': [] must be object"],
    ['text for the whole', '"MSFT"', `'/': "MSFT" must be object`],
  ])('%s', async (_, content, expected) => {
    await write(JSON_FILE, content)
    const message = await refusal()
    expect(message).toContain(expected)
    expect(message).toContain(`(${JSON_FILE})`)
    expect(message).toMatch(/Compare it with docs\/reference\/configuration\.md/)
  })

  test('of the environment', async () => {
    await write(JSON_FILE, { symbol: 'IBM' })
    const message = await refusal({ environment: { TICKERFLOW_STORE: '' } })
    expect(message).toContain("(the environment) is wrong at '/store'")
  })

  test('of the flags', async () => {
    await write(JSON_FILE, { symbol: 'IBM' })
    expect(await refusal({ flags: { seed: -1 } })).toContain("(the flags) is wrong at '/seed': -1")
  })

  test('also where a flag would hide it', async () => {
    await write(JSON_FILE, { horizon: 'five' })
    expect(await refusal({ flags: { horizon: 5 } })).toContain("'/horizon'")
  })
})

describe('a file that cannot be read is refused with its path and the remedy', () => {
  test.each([
    ['broken JSON', JSON_FILE, '{ "symbol": '],
    ['an empty file', JSON_FILE, ''],
    ['a module that throws', MODULE_FILE, "throw new Error('planted')\n"],
    ['a module without a default export', MODULE_FILE, "export const symbol = 'MSFT'\n"],
  ])('%s', async (_, name, content) => {
    await write(name, content)
    const message = await refusal()
    expect(message).toContain(join(directory, name))
    expect(message).toMatch(/Expected JSON, or a module whose default export/)
  })

  test('one that is not there', async () => {
    expect(await refusal({ file: 'missing.json' })).toContain(join(directory, 'missing.json'))
  })
})
