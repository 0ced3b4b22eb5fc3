/**
 * The `team` profile of compose.yaml without containers: each service from Debian's or PyPI's package,
 * with the command and the environment that compose.yaml gives it. In place of SeaweedFS stands moto's
 * server; Grafana is in neither registry, so its queries are put to Prometheus here.
 */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { SMALL_CONFIG, startNode } from '../integration/cli-process.ts'
import { PYTHON } from '../interop/python-environment.ts'
import { freePort } from '../interop/tracking/mlflow-server.ts'
import { CHECKOUT, localised, PASSWORDS, serviceOf } from './compose-file.ts'
import {
  asDatabaseUser,
  eventually,
  postgresProgram,
  programInPath,
  runProgram,
  type StartedProgram,
  startProgram,
  untilOk,
} from './processes.ts'

const MAIN = join(CHECKOUT, 'src/cli/main.ts')
const started: StartedProgram[] = []
let work: string
let ports: Record<'postgres' | 's3' | 'redis' | 'mlflow' | 'api' | 'prometheus', number>
let places: Record<string, string>
let api: StartedProgram
const at = (name: keyof typeof ports, path = '') => `http://127.0.0.1:${ports[name]}${path}`

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'team-'))
  chmodSync(work, 0o755)
  const free = async () => await freePort()
  ports = {
    postgres: await free(),
    s3: await free(),
    redis: await free(),
    mlflow: await free(),
    api: await free(),
    prometheus: await free(),
  }
  places = {
    'postgres:5432': `127.0.0.1:${ports.postgres}`,
    's3:8333': `127.0.0.1:${ports.s3}`,
    'mlflow:5000': `127.0.0.1:${ports.mlflow}`,
    'api:8080': `127.0.0.1:${ports.api}`,
  }
  await startPostgres()
  await startObjectStore()
  startRedis()
  await startMlflow()
  await tickerflow('run', '--config', 'small.json')
  const promote = ['models', 'promote', 'aapl-forecaster', '1', '--override', '--reason', 'test']
  await tickerflow(...promote)
  api = await startApi()
  await startPrometheus()
})

afterAll(async () => {
  for (const { end } of started.toReversed()) await end()
  rmSync(work, { recursive: true, force: true })
})

function start(command: readonly string[], environment = {}): StartedProgram {
  const program = startProgram(command, { cwd: work, environment })
  started.push(program)
  return program
}

async function startPostgres(): Promise<void> {
  const { environment } = serviceOf('postgres', places)
  const data = join(work, 'postgres')
  const password = join(work, 'password')
  writeFileSync(password, environment.POSTGRES_PASSWORD ?? '')
  mkdirSync(data)
  runProgram([
    'chown',
    '-R',
    process.getuid?.() === 0 ? 'postgres' : String(process.getuid?.()),
    data,
  ])
  const user = environment.POSTGRES_USER ?? ''
  const init = [
    '--pgdata',
    data,
    '--username',
    user,
    '--pwfile',
    password,
    '--auth',
    'scram-sha-256',
    // As in the image, whatever the language of whoever runs the tests is.
    '--encoding',
    'UTF8',
    '--locale',
    'C.UTF-8',
  ]
  runProgram(asDatabaseUser([postgresProgram('initdb'), ...init]))
  const at = ['-D', data, '-p', String(ports.postgres), '-h', '127.0.0.1', '-k', data]
  start(asDatabaseUser([postgresProgram('postgres'), ...at]))
  const connect = ['-h', '127.0.0.1', '-p', String(ports.postgres), '-U', user]
  await eventually('PostgreSQL is ready', async () => {
    runProgram([postgresProgram('pg_isready'), ...connect])
    return true
  })
  psql('postgres', `CREATE DATABASE ${environment.POSTGRES_DB}`)
}

function psql(database: string, statement: string): string {
  const { environment } = serviceOf('postgres', places)
  return postgres('psql', database, '--tuples-only', '--no-align', '--command', statement).trim()

  function postgres(program: string, ...args: readonly string[]): string {
    const [name = '', ...rest] = args
    return runProgram([postgresProgram(program), ...connection(name), ...rest], {
      PGPASSWORD: environment.POSTGRES_PASSWORD,
    })
  }
}

function connection(database: string): readonly string[] {
  const server = ['--host', '127.0.0.1', '--port', String(ports.postgres)]
  return [...server, '--username', 'mlflow', '--dbname', database]
}

function objects(): S3Client {
  const credentials = {
    accessKeyId: PASSWORDS.S3_ACCESS_KEY,
    secretAccessKey: PASSWORDS.S3_SECRET_KEY,
  }
  const endpoint = at('s3')
  return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
}

async function startObjectStore(): Promise<void> {
  const program = join(dirname(PYTHON), 'moto_server')
  start([program, '-H', '127.0.0.1', '-p', String(ports.s3)])
  await eventually('the object store answers', async () => (await fetch(at('s3'))).status)
  const bucket = /s3\.bucket\.create -name (\w+)/.exec(
    readFileSync(join(CHECKOUT, 'deploy/seaweedfs/start.sh'), 'utf8'),
  )?.[1]
  await objects().send(new CreateBucketCommand({ Bucket: bucket ?? 'not named' }))
}

function startRedis(): void {
  const [program = '', ...args] = serviceOf('redis', places).command
  const directory = join(work, 'redis')
  mkdirSync(directory)
  const here = ['--port', String(ports.redis), '--dir', directory, '--bind', '127.0.0.1']
  start([programInPath(program, 'redis-server'), ...args, ...here])
}

async function startMlflow(): Promise<void> {
  const { command, environment } = serviceOf('mlflow', places)
  const here = command.map((part) =>
    part
      .replace('--host=0.0.0.0', '--host=127.0.0.1')
      .replace('--port=5000', `--port=${ports.mlflow}`),
  )
  start([PYTHON, '-m', 'mlflow', ...here], { ...environment, MLFLOW_DISABLE_TELEMETRY: 'true' })
  await untilOk(at('mlflow', '/health'))
}

async function tickerflow(...args: readonly string[]) {
  writeFileSync(join(work, 'small.json'), JSON.stringify(SMALL_CONFIG))
  const { environment } = serviceOf('api', places)
  const outcome = await startNode([MAIN, ...args, '--store', 'store', '--json'], {
    directory: work,
    environment,
  })
  if (outcome.exitCode !== 0)
    throw new Error(`${args.join(' ')}: ${outcome.stderr}${outcome.stdout}`)
  return JSON.parse(outcome.stdout)
}

async function startApi(): Promise<StartedProgram> {
  const { command, environment } = serviceOf('api', places)
  const hosts = command.map((part) => (part === '0.0.0.0' ? '127.0.0.1' : part))
  const here = ['--port', String(ports.api), '--store', 'store']
  const program = start([process.execPath, MAIN, ...hosts, ...here], environment)
  await untilOk(at('api', '/health/live'))
  return program
}

async function startPrometheus(): Promise<void> {
  const folder = join(CHECKOUT, 'deploy/prometheus')
  const config = parse(localised(readFileSync(join(folder, 'prometheus.yml'), 'utf8'), places))
  config.rule_files = [join(folder, 'alerts.yml')]
  Object.assign(config.global, { scrape_interval: '1s', evaluation_interval: '1s' })
  writeFileSync(join(work, 'prometheus.yml'), stringify(config))
  start([
    programInPath('prometheus', 'prometheus'),
    `--config.file=${join(work, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(work, 'prometheus')}`,
    `--web.listen-address=127.0.0.1:${ports.prometheus}`,
  ])
  await untilOk(at('prometheus', '/-/ready'))
}

// biome-ignore lint/suspicious/noExplicitAny: answers of other programs are read as they come
async function asked(url: string): Promise<any> {
  return await (await fetch(url)).json()
}

describe('the services of a team', () => {
  test('the API answers with the version that the MLflow server has', async () => {
    const forecast = await asked(at('api', '/api/v1/forecasts/AAPL'))
    expect(forecast).toMatchObject({ model: 'aapl-forecaster', version: '1' })
    const path = '/api/2.0/mlflow/registered-models/get?name=aapl-forecaster'
    const { registered_model: model } = await asked(at('mlflow', path))
    expect(model.aliases).toContainEqual({ alias: 'production', version: '1' })
  })

  test("runs lie in PostgreSQL, and artifacts in the object store's bucket", async () => {
    expect(Number(psql('mlflow', 'SELECT count(*) FROM runs'))).toBeGreaterThan(0)
    const { Contents = [] } = await objects().send(new ListObjectsV2Command({ Bucket: 'mlflow' }))
    expect(Contents.map(({ Key }) => Key).join('\n')).toMatch(/MLmodel/)
  })

  test('the scheduler begins on the store of the API, and ends when it is told to', async () => {
    const { command, environment } = serviceOf('scheduler', places)
    const here = ['--source', 'sample', '--config', 'small.json', '--store', 'store']
    writeFileSync(join(work, 'small.json'), JSON.stringify(SMALL_CONFIG))
    const scheduler = start([process.execPath, MAIN, ...command, ...here], environment)
    const said = () =>
      readdirSync(work)
        .filter((name) => name.endsWith('.log'))
        .map((name) => readFileSync(join(work, name), 'utf8'))
        .join('\n')
    await vi.waitFor(() => expect(said()).toMatch(/Scheduler of .*store/), 60_000)
    await scheduler.end()
    expect(scheduler.child.exitCode).toBe(0)
  })

  test('a retraining registers its version with the MLflow server', async () => {
    const { retraining } = await tickerflow('retrain', '--shadow', '0', '--config', 'small.json')
    expect(retraining).toMatchObject({ version: 2, state: 'decided' })
    const path = '/api/2.0/mlflow/model-versions/get?name=aapl-forecaster&version=2'
    const { model_version: version } = await asked(at('mlflow', path))
    expect(version.run_id).toBe(retraining.run)
  })

  test('MLflow turns away requests under a name that compose.yaml does not allow', async () => {
    const { request } = await import('node:http')
    const status = await new Promise((resolve) => {
      const headers = { host: 'evil.example' }
      request(
        at('mlflow', '/api/2.0/mlflow/experiments/get?experiment_id=0'),
        { headers },
        (reply) => resolve(reply.statusCode),
      ).end()
    })
    expect(status).toBe(403)
  })

  test('Redis keeps everything it is given, as compose.yaml says', () => {
    const cli = programInPath('redis-cli', 'redis-server')
    const ask = (name: string) =>
      runProgram([cli, '-p', String(ports.redis), 'CONFIG', 'GET', name])
        .trim()
        .split('\n')
        .at(-1)
    expect([ask('appendonly'), ask('maxmemory-policy')]).toEqual(['yes', 'noeviction'])
  })

  test("MLflow's database comes back from a dump", () => {
    const dump = join(work, 'mlflow.dump')
    const password = { PGPASSWORD: PASSWORDS.POSTGRES_PASSWORD }
    const args = ['--format=custom', '--file', dump]
    runProgram([postgresProgram('pg_dump'), ...connection('mlflow'), ...args], password)
    psql('postgres', 'CREATE DATABASE restored')
    runProgram([postgresProgram('pg_restore'), ...connection('restored'), dump], password)
    for (const table of ['runs', 'metrics', 'model_versions', 'registered_model_aliases']) {
      const count = `SELECT count(*) FROM ${table}`
      expect(psql('restored', count), table).toBe(psql('mlflow', count))
    }
  })
})

describe('Prometheus', () => {
  const promtool = (...args: readonly string[]) =>
    runProgram([programInPath('promtool', 'prometheus'), ...args])

  test('takes the configuration, and its rules pass their own tests', () => {
    const folder = join(CHECKOUT, 'deploy/prometheus')
    expect(promtool('check', 'rules', join(folder, 'alerts.yml'))).toContain('SUCCESS')
    expect(promtool('check', 'config', join(work, 'prometheus.yml'))).toContain('SUCCESS')
    expect(promtool('test', 'rules', join(folder, 'alerts.test.yml'))).toContain('SUCCESS')
    const { groups } = parse(readFileSync(join(folder, 'alerts.yml'), 'utf8'))
    const tested = readFileSync(join(folder, 'alerts.test.yml'), 'utf8')
    for (const { alert } of groups[0].rules) expect(tested).toContain(`alertname: ${alert}`)
  })

  test('has a series for every query of the dashboard', async () => {
    for (let i = 0; i < 20; i++) {
      await fetch(at('api', '/api/v1/forecasts/AAPL'))
      await fetch(at('api', '/api/v1/forecasts/AAPL?horizon=7'))
    }
    await tickerflow('monitor', '--config', 'small.json')
    const file = join(CHECKOUT, 'deploy/grafana/dashboards/tickerflow.json')
    const { panels } = JSON.parse(readFileSync(file, 'utf8'))
    const queries: string[] = panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
      targets.map(({ expr }) => expr),
    )
    expect(queries.length).toBeGreaterThan(15)
    const empty = async () => {
      const answers = queries.map(async (query) => ({ query, ...(await query_(query)) }))
      return (await Promise.all(answers))
        .filter(({ status, data }) => status !== 'success' || data.result.length === 0)
        .map(({ query }) => query)
    }
    const expected = NEEDS_PRESENT.toSorted()
    await vi.waitFor(async () => expect((await empty()).toSorted()).toEqual(expected), {
      timeout: 60_000,
      interval: 1000,
    })
  })

  test('raises the alarm when the API goes away', async () => {
    expect((await query_('up{job="tickerflow"}')).data.result[0].value[1]).toBe('1')
    await api.end()
    await eventually('an alert that is pending', async () => {
      const { data } = await asked(at('prometheus', '/api/v1/alerts'))
      const found = data.alerts.find(
        ({ labels }: { labels: { alertname: string } }) =>
          labels.alertname === 'ForecastServerDown',
      )
      return found?.state
    })
  })

  const query_ = (query: string) =>
    asked(at('prometheus', `/api/v1/query?query=${encodeURIComponent(query)}`))
})

/** The sample is of the past: its prices have no age, and end where forecasts begin, without outcomes. */
const NEEDS_PRESENT = ['data_age_seconds', 'forecast_skill_ratio', 'interval_coverage_ratio']
