/** `tickerflow ui`: MLflow's own UI, started on a copy of what has been recorded. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  CHECKOUT,
  createWorkplace,
  successOf,
  type Workplace,
} from '../../integration/cli-process.ts'
import { PYTHON } from '../python-environment.ts'
import { freePort } from './mlflow-server.ts'

vi.setConfig({ testTimeout: 180_000 })

let workplace: Workplace
beforeAll(async () => {
  workplace = await createWorkplace()
  const run = ['train', '--source', 'sample', '--config', 'small.json', '--store', 'store']
  successOf(await workplace.tickerflow([...run, '--json']))
})
afterAll(() => workplace.remove())

test('shows the runs in the page of MLflow, keeps what is changed there out of the store, and ends', async () => {
  const mlflow = join(dirname(PYTHON), process.platform === 'win32' ? 'mlflow.exe' : 'mlflow')
  const port = await freePort()
  const args = ['ui', '--store', 'store', '--json', '--mlflow', mlflow, '--port', String(port)]
  const child = spawn(process.execPath, [join(CHECKOUT, 'src/cli/main.ts'), ...args], {
    cwd: workplace.directory,
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = await once(child.stdout, 'data')
    const { uri, copy } = JSON.parse(String(line))
    expect([uri, copy]).toEqual([`http://127.0.0.1:${port}`, true])
    expect(await (await fetch(uri)).text()).toMatch(/<title>MLflow<\/title>/)
    const post = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' }
      const init = { method: 'POST', headers, body: JSON.stringify(body) }
      return await (await fetch(`${uri}/api/2.0/mlflow/${path}`, init)).json()
    }
    const { experiments } = await post('experiments/search', { max_results: 10 })
    const ids = experiments.map((one: { experiment_id: string }) => one.experiment_id)
    const { runs } = await post('runs/search', { experiment_ids: ids })
    expect(runs).toHaveLength(1)
    const { run_id: run } = runs[0].info
    const artifacts = `${uri}/api/2.0/mlflow/artifacts/list?run_id=${run}`
    expect(JSON.stringify(await (await fetch(artifacts)).json())).toContain('configuration.json')
    await post('runs/set-tag', { run_id: run, key: 'changed', value: 'in the UI' })
  } finally {
    child.kill('SIGTERM')
  }
  const [exitCode] = await once(child, 'exit')
  if (process.platform !== 'win32') expect(exitCode).toBe(0)
  expect(await readdir(workplace.path('store', 'tmp'))).toEqual([])
  const shown = await workplace.tickerflow(['runs', '--store', 'store', '--json'])
  expect(successOf(shown)).toHaveLength(1)
  expect(shown.stdout).not.toContain('in the UI')
})
