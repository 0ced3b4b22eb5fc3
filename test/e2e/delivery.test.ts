/** What the workflows of delivery run, run here: retraining from backups, deployment with its undoing. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  CHECKOUT,
  createWorkplace,
  SMALL_CONFIG,
  startNode,
  successOf,
  type Workplace,
} from '../integration/cli-process.ts'
import { freePort } from '../interop/tracking/mlflow-server.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let workplace: Workplace
beforeAll(async () => {
  workplace = await createWorkplace()
})
afterAll(() => workplace.remove())

const script = (name: string, args: readonly string[], environment: Record<string, string>) =>
  startNode([join(CHECKOUT, 'scripts', name), ...args], {
    directory: workplace.directory,
    environment,
  })

describe('retraining on a machine that keeps nothing', () => {
  const retrain = (symbols: string, when = 'due') => {
    const asked = { SYMBOLS: symbols, SOURCE: 'sample', CONFIG: 'small.json', WHEN: when }
    return script('ci-retrain.ts', [], asked)
  }

  const report = () => readFile(workplace.path('report.md'), 'utf8')

  test('goes on from the backup of the time before, and reports each symbol', async () => {
    expect(await retrain('AAPL')).toMatchObject({ exitCode: 0 })
    expect(await report()).toMatch(/## AAPL: version 1 .*\(there is no version yet\)/)
    expect(await retrain('AAPL, MSFT')).toMatchObject({ exitCode: 0 })
    // The restored store knows that these prices have been learnt from.
    expect(await report()).toMatch(/## AAPL: not due[\s\S]*## MSFT: version 1 /)
    expect(await report()).toMatch(
      /- ingest: 3270 bars[\s\S]*- monitor: .*\n- retrain: .*\n- forec/,
    )
    const listed = successOf(
      await workplace.tickerflow(['backup', 'list', '--from', 'store-backups', '--json']),
    )
    expect(listed).toHaveLength(2)
  })

  test('trains at once where somebody asks for it', async () => {
    expect(await retrain('AAPL', 'now')).toMatchObject({ exitCode: 0 })
    expect(await report()).toMatch(/## AAPL: version 2 /)
  })

  test('keeps what it has when a symbol fails, and ends with a fault', async () => {
    const outcome = await retrain('NOSUCH')
    expect(outcome.exitCode).toBe(1)
    expect(await report()).toContain('## NOSUCH: failed')
    const args = ['backup', 'restore', '--from', 'store-backups', '--store', 'after', '--json']
    expect(successOf(await workplace.tickerflow(args)).records.intact).toBe(true)
  })
})

describe('deployment', () => {
  const IMAGE = join(CHECKOUT, 'src/cli/main.ts')
  let environment: Record<string, string>
  let directory: string
  const deploy = (image: string, version?: string) =>
    script(
      'deploy.ts',
      ['--targets', join(directory, 'targets.json'), '--image', image, '--answer-within', '5'],
      {
        ...environment,
        ...(version === undefined ? {} : { MODEL: 'aapl-forecaster', MODEL_VERSION: version }),
      },
    )
  const live = async () => {
    const args = ['models', 'history', 'aapl-forecaster', '--store', 'store', '--json']
    return successOf(await workplace.tickerflow(args))
  }

  beforeAll(async () => {
    directory = workplace.directory
    const evaluation = { from: '2005-01-01', to: '2012-12-31' }
    const key = async (name: string) => {
      const args = ['keys', 'create', '--name', name, '--scope', 'admin', '--store', 'store']
      return successOf(await workplace.tickerflow([...args, '--json']))
    }
    const [requester, approver] = [await key('requester'), await key('approver')]
    // Two people: what one asks for is live once the other approves.
    await workplace.write('tickerflow.config.json', {
      ...SMALL_CONFIG,
      evaluation,
      gate: { approvals: 'team' },
      promotion: { approvers: [`key:${approver.id}:approver`] },
    })
    successOf(await workplace.tickerflow(['run', '--store', 'store', '--json']))
    const port = String(await freePort())
    environment = {
      TARGET: 'here',
      TICKERFLOW_URL: `http://127.0.0.1:${port}`,
      REQUESTER_KEY: requester.key,
      APPROVER_KEY: approver.key,
    }
    const node = process.execPath
    const target = join(CHECKOUT, 'test/e2e/deploy-target.ts')
    await workplace.write('targets.json', {
      here: {
        current: [
          node,
          '-p',
          `require('fs').readFileSync(${JSON.stringify(join(directory, 'image'))}, 'utf8')`,
        ],
        deploy: [[node, target, directory, port, '{image}']],
        symbol: 'AAPL',
      },
    })
    await startNode([target, directory, port, IMAGE], { directory })
  })
  afterAll(() => {
    process.kill(Number(readFileSync(join(directory, 'server.pid'), 'utf8')))
  })

  test('a good image and a version of the registry are in service afterwards', async () => {
    const outcome = await deploy(IMAGE, '1')
    expect(outcome, outcome.stderr + outcome.stdout).toMatchObject({ exitCode: 0 })
    expect(outcome.stdout).toMatch(/for production: approved by key:\w+:approver/)
    expect(JSON.stringify(await live())).toMatch(/"approver":"key:\w+:approver"/)
  })

  test('an image that does not start is undone, and the old one answers again', async () => {
    const outcome = await deploy(join(CHECKOUT, 'no-such-image.ts'))
    expect(outcome.exitCode).toBe(1)
    expect(outcome.stdout).toMatch(/Undoing: [\s\S]*runs .*main\.ts again/)
    const { TICKERFLOW_URL: url, REQUESTER_KEY: key } = environment
    const headers = { authorization: `Bearer ${key}` }
    expect((await fetch(`${url}/api/v1/forecasts/AAPL`, { headers })).status).toBe(200)
  })

  test('a version that there is not is refused, and the image before stays', async () => {
    const outcome = await deploy(IMAGE, '99')
    expect(outcome.exitCode).toBe(1)
    expect(outcome.stdout).toMatch(/Undoing: [\s\S]*99[\s\S]*again/)
  })

  test('a target that is not listed is named with those that are', async () => {
    const outcome = await script(
      'deploy.ts',
      ['--target', 'moon', '--image', 'x', '--url', 'http://x'],
      {},
    )
    expect(outcome.stderr).toContain("No target 'moon'; there are staging, production")
  })
})

test('a tag that is not the version of the package is no release', async () => {
  const { version } = JSON.parse(await readFile(join(CHECKOUT, 'package.json'), 'utf8'))
  const check = (tag: string) => script('ci-release-version.ts', [], { GITHUB_REF_NAME: tag })
  expect((await check(`v${version}`)).exitCode).toBe(0)
  expect((await check('v99.0.0')).exitCode).toBe(1)
})
