/** What a person gets who types something wrong, and who asks for help. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createWorkplace, documentOf, filesBelow, type Workplace } from './cli-process.ts'

vi.setConfig({ testTimeout: 60_000 })

let workplace: Workplace

beforeAll(async () => {
  workplace = await createWorkplace()
})
afterAll(() => workplace.remove())

describe('help', () => {
  test('lists the commands on stdout and ends with 0', async () => {
    const { exitCode, stdout, stderr } = await workplace.tickerflow(['--help'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    for (const command of ['run', 'ingest', 'check', 'backtest', 'train', 'forecast', 'runs']) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
    }
  })

  test('of a command names its flags', async () => {
    const { exitCode, stdout } = await workplace.tickerflow(['run', '--help'])
    expect(exitCode).toBe(0)
    const flags = ['--symbol', '--csv', '--source', '--store', '--config', '--now', '--json']
    for (const flag of [
      ...flags,
      '--from',
      '--to',
      '--refit',
      '--models',
      '--horizon',
      '--seeds',
    ]) {
      expect(stdout).toContain(flag)
    }
  })

  test('is what a call without a command gets, on stderr, with exit code 2', async () => {
    const { exitCode, stdout, stderr } = await workplace.tickerflow([])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain('Usage: tickerflow')
  })

  test('may be cut short by its reader, as `head` does', async () => {
    const outcome = await workplace.tickerflow(['--help'], { unread: true })
    expect(outcome).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  test('--version prints a version', async () => {
    const { exitCode, stdout } = await workplace.tickerflow(['--version'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

const WRONG_WORDS: readonly [string, readonly string[], RegExp][] = [
  ['an unknown command', ['nonsense'], /unknown command 'nonsense'/],
  ['an unknown flag', ['run', '--nonsense'], /unknown option '--nonsense'/],
  ['a misspelt flag', ['run', '--horizn', '2'], /--horizn.*\n?.*Did you mean --horizon/],
  ['a flag without its value', ['run', '--models'], /'--models <names>' argument missing/],
  ['text for a number', ['run', '--seed', 'abc'], /'abc' is invalid\. Expected a whole number/],
  [
    'a source that there is not',
    ['ingest', '--source', 'google'],
    /Allowed choices are sample, yahoo/,
  ],
  ['an unknown refit schedule', ['backtest', '--refit', 'daily'], /Allowed choices are yearly/],
  [
    'a day that no calendar has',
    ['run', '--from', '2011-13-45'],
    /'2011-13-45' is invalid\. Expected a date/,
  ],
  [
    'a date in words',
    ['backtest', '--to', 'soon'],
    /'soon' is invalid\. Expected a date, YYYY-MM-DD/,
  ],
  ['an argument too many', ['check', 'AAPL'], /too many arguments/],
  ['no id of a run', ['runs', 'show'], /missing required argument 'id'/],
]

const WRONG_VALUES: readonly [string, readonly string[], RegExp][] = [
  ['a horizon of 0', ['run', '--horizon', '0'], /'\/horizon'/],
  ['no seeds', ['run', '--seeds', '0'], /'\/lstm\/seeds'/],
  ['no models', ['run', '--models', ''], /'\/models'/],
  ['an unknown model', ['run', '--models', 'naive,lstm,arima'], /Unknown model 'arima'.*garch/],
  ['a candidate that is not judged', ['run', '--models', 'naive,ewma'], /lack lstm/],
  ['nothing naive to compare with', ['run', '--models', 'lstm,ewma'], /lack naive/],
  [
    'a malformed symbol',
    ['check', '--symbol', 'a b'],
    /"a b" is not a ticker symbol.*such as AAPL/,
  ],
  ['a malformed instant', ['check', '--now', 'yesterday'], /--now 'yesterday'.*ISO 8601/],
  ['an instant that only a browser reads', ['check', '--now', '5'], /--now '5'.*ISO 8601/],
  ['a time of day without a zone', ['check', '--now', '2013-03-01T21:00'], /needs its zone/],
  ['splits of no file', ['ingest', '--split', '2005-02-28:2'], /--split.*add --csv FILE/],
  ['an unknown check', ['check', '--accept', 'foo:2012-01-03'], /no data check 'foo'.*closed-day/],
  [
    'a test span that ends before it begins',
    ['backtest', '--models', 'naive', '--from', '2012-12-31', '--to', '2011-01-01'],
    /ends on 2011-01-01, before it begins on 2012-12-31/,
  ],
]

describe('wrong usage ends with exit code 2', () => {
  test.concurrent.each(WRONG_WORDS)('%s: the flag is named', async (_, args, words) => {
    const { exitCode, stdout, stderr } = await workplace.tickerflow(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(words)
    expect(stderr).not.toContain('    at ')
  })

  test.concurrent.each([...WRONG_WORDS.slice(0, 2), ...WRONG_VALUES])(
    '%s: with --json the error is the one document on stdout',
    async (_, args, words) => {
      const outcome = await workplace.tickerflow([...args, '--json'])
      expect(outcome.exitCode).toBe(2)
      const { error } = documentOf(outcome)
      expect(error).toEqual({
        code: expect.stringMatching(/^(CONFIG|SYMBOL)_INVALID$/),
        message: expect.stringMatching(words),
        details: expect.any(Object),
      })
      expect(outcome.stderr).toMatch(words)
      expect(outcome.stderr).not.toContain('    at ')
    },
  )
})

const WRONG_FILES: readonly [string, string | object, RegExp][] = [
  ['a field that there is not', { lstm: { epoch: 3 } }, /'\/lstm\/epoch'/],
  ['a value that is not allowed', { evaluation: { refit: 'daily' } }, /'\/evaluation\/refit'/],
  ['text for a number', { horizon: 'one' }, /'\/horizon'.*integer/],
  [
    'an unknown feature',
    { lstm: { features: ['tomorrow'] } },
    /'tomorrow'.*Known features: logReturn/,
  ],
  ['a candidate that there is not', { candidate: 'oracle' }, /oracle/],
  ['broken JSON', '{ "horizon": ', /wrong\.json.*Expected JSON/],
]

describe('a wrong configuration file ends with exit code 2', () => {
  test.each(WRONG_FILES)('%s: file and field are named', async (_, content, words) => {
    await workplace.write('wrong.json', content)
    const outcome = await workplace.tickerflow(['run', '--config', 'wrong.json', '--json'])
    expect(outcome.exitCode).toBe(2)
    expect(documentOf(outcome).error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(words),
    })
  })

  test('a file that is not there', async () => {
    const outcome = await workplace.tickerflow(['run', '--config', 'nowhere.json', '--json'])
    expect(outcome.exitCode).toBe(2)
    expect(documentOf(outcome).error.message).toMatch(/nowhere\.json.*no such file/)
  })
})

test('none of this has recorded a run or stored a price', async () => {
  expect(documentOf(await workplace.tickerflow(['runs', '--json']))).toEqual([])
  const files = [...(await filesBelow(workplace.path('.tickerflow'))).keys()]
  expect(files.filter((name) => /^(bars|artifacts)/.test(name.replaceAll('\\', '/')))).toEqual([])
})

describe('what does not exist ends with exit code 1 and a hint', () => {
  test.each<[string, readonly string[], string, RegExp]>([
    ['a run', ['runs', 'show', 'abc'], 'NOT_FOUND', /'abc'.*`tickerflow runs`/],
    ['a model', ['models', 'show', 'abc'], 'NOT_FOUND', /'abc'/],
    ['a version', ['forecast', '--model-version', '7'], 'NOT_FOUND', /Version 7.*aapl-forecaster/],
    ['a forecaster in Production', ['forecast'], 'NOT_FOUND', /tickerflow run/],
    ['bars', ['check', '--symbol', 'NFLX'], 'SNAPSHOT_MISSING', /NFLX.*tickerflow ingest/],
    [
      'a sample',
      ['check', '--symbol', 'NFLX', '--source', 'sample'],
      'SYMBOL_UNKNOWN',
      /AAPL, MSFT/,
    ],
  ])('%s', async (_, args, code, words) => {
    const outcome = await workplace.tickerflow([...args, '--json'])
    expect(outcome.exitCode).toBe(1)
    expect(documentOf(outcome).error).toMatchObject({ code, message: expect.stringMatching(words) })
  })
})
