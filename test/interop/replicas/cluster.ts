/** The cluster of the how-to on this machine: every command is one of the page's. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { CHECKOUT, documentOf, SMALL_CONFIG, startNode } from '../../integration/cli-process.ts'
import {
  eventually,
  postgresProgram,
  programInPath,
  runProgram,
  type StartedProgram,
  startProgram,
  untilOk,
} from '../../team/processes.ts'
import { PYTHON } from '../python-environment.ts'
import { freePort, type PostgresServer, startPostgresServer } from '../state/postgres-server.ts'
import { type ClusterPage, readClusterPage } from './cluster-page.ts'

const MAIN = join(CHECKOUT, 'src/cli/main.ts')
export const REPLICAS = [0, 1, 2] as const
type ReplicaNumber = (typeof REPLICAS)[number]

export interface Cluster {
  readonly page: ClusterPage
  readonly postgres: PostgresServer
  readonly url: string
  /** Of one replica, past nginx. */
  replicaUrl(replica: ReplicaNumber): string
  /** Runs a line of the page that is a `tickerflow` command. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read documents as scripts do, untyped
  run(line: string): Promise<any>
  startReplica(replica: ReplicaNumber, extra?: readonly string[]): Promise<void>
  stopReplica(replica: ReplicaNumber): Promise<void>
  startScheduler(): StartedProgram
  stopRedis(): Promise<void>
  end(): Promise<void>
}

export async function startCluster(): Promise<Cluster> {
  const work = mkdtempSync(join(tmpdir(), 'tickerflow-cluster-'))
  chmodSync(work, 0o755)
  const started: StartedProgram[] = []
  const postgres = await startPostgresServer()
  const [redis, s3, mlflow, nginx, ...apis] = await Promise.all(
    Array.from({ length: 7 }, () => freePort()),
  )
  const page = readClusterPage({
    'postgres.internal:5432': `127.0.0.1:${postgres.port}`,
    '-h postgres.internal -U postgres': `-h 127.0.0.1 -p ${postgres.port} -U tickerflow`,
    '-h postgres.internal -U tickerflow': `-h 127.0.0.1 -p ${postgres.port} -U tickerflow`,
    'redis.internal:6379': `127.0.0.1:${redis}`,
    '--port 6379': `--port ${redis}`,
    's3.internal:8333': `127.0.0.1:${s3}`,
    'mlflow.internal:5000': `127.0.0.1:${mlflow}`,
    '--host 0.0.0.0 --port 5000': `--host 127.0.0.1 --port ${mlflow} --workers 1`,
    'api-1.internal:8080': `127.0.0.1:${apis[0]}`,
    'api-2.internal:8080': `127.0.0.1:${apis[1]}`,
    'api-3.internal:8080': `127.0.0.1:${apis[2]}`,
    'listen 80;': `listen 127.0.0.1:${nginx};`,
    'http://tickerflow.internal/': `http://127.0.0.1:${nginx}/`,
    '/srv/tickerflow': join(work, 'store'),
  })
  const start = (command: readonly string[], environment = {}) => {
    const program = startProgram(command, { cwd: work, environment })
    started.push(program)
    return program
  }
  const replicas = new Map<ReplicaNumber, StartedProgram>()
  let counter: StartedProgram | undefined
  const url = `http://127.0.0.1:${nginx}`
  const replicaUrl = (replica: ReplicaNumber) => `http://127.0.0.1:${apis[replica]}`

  const cluster: Cluster = {
    page,
    postgres,
    url,
    replicaUrl,
    async run(line) {
      const outcome = await startNode([MAIN, ...argumentsOf(line), '--json'], { directory: work })
      if (outcome.exitCode !== 0) throw new Error(`${line}: ${outcome.stderr}${outcome.stdout}`)
      return documentOf(outcome)
    },
    async startReplica(replica, extra = []) {
      const [line = ''] = page.commands('4. Three replicas')
      const args = argumentsOf(line)
        .join(' ')
        .replace('--host 0.0.0.0 --port 8080', `--host 127.0.0.1 --port ${apis[replica]}`)
      const log = ['--log-level', 'error', ...extra]
      replicas.set(replica, start([process.execPath, MAIN, ...args.split(' '), ...log]))
      await untilOk(`${replicaUrl(replica)}/health/ready`)
    },
    stopRedis: async () => await counter?.end(),
    stopReplica: async (replica) => await replicas.get(replica)?.end(),
    startScheduler() {
      const [line = ''] = page.commands('6. The scheduler')
      return start([process.execPath, MAIN, ...argumentsOf(line)])
    },
    async end() {
      for (const program of started.toReversed()) await program.end()
      await postgres.end()
      rmSync(work, { recursive: true, force: true, maxRetries: 3 })
    },
  }

  try {
    await startServers()
    const config = { ...SMALL_CONFIG, source: 'sample', ...JSON.parse(page.block('json')) }
    writeFileSync(join(work, 'tickerflow.config.json'), JSON.stringify(config))
    return cluster
  } catch (error) {
    await cluster.end()
    throw error
  }

  async function startServers(): Promise<void> {
    const environment: Record<string, string> = { MLFLOW_DISABLE_TELEMETRY: 'true' }
    start([join(dirname(PYTHON), 'moto_server'), '-H', '127.0.0.1', '-p', String(s3)])
    await eventually(
      'the object store answers',
      async () => (await fetch(`http://127.0.0.1:${s3}`)).status,
    )
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' }
    const endpoint = `http://127.0.0.1:${s3}`
    const objects = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials,
    })
    await objects.send(new CreateBucketCommand({ Bucket: 'mlflow' }))
    for (const line of page.commands('1. The servers')) {
      const [program = '', ...args] = argumentsOf(line, 0)
      if (program === 'createdb') runProgram([postgresProgram(program), ...args])
      else if (program === 'redis-server') {
        counter = start([programInPath(program, program), ...args])
      } else if (program === 'export') {
        for (const one of args) environment[one.split('=')[0] ?? ''] = one.split('=')[1] ?? ''
      } else if (program === 'mlflow') start([PYTHON, '-m', 'mlflow', ...args], environment)
      // The test's own server has the user, and its Python environment the packages.
      else if (!['createuser', 'pip'].includes(program)) throw new Error(`Not known: ${line}`)
    }
    startNginx()
    await untilOk(`http://127.0.0.1:${mlflow}/health`)
  }

  function startNginx(): void {
    const folder = join(work, 'nginx')
    mkdirSync(folder)
    const file = join(folder, 'nginx.conf')
    writeFileSync(file, page.block('nginx'))
    // Where nginx keeps things is the machine's matter; this one is not to be touched.
    const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    )
    const text = page
      .block('nginx')
      .replace('http {', `http {\n  access_log off;\n  ${kept.join('\n  ')}`)
    writeFileSync(file, `pid ${folder}/nginx.pid;\n${text}`)
    const own = ['-p', folder, '-c', file, '-e', join(folder, 'error.log'), '-g', 'daemon off;']
    start([programInPath('nginx', 'nginx-light'), ...own])
  }
}

/** The words of a command, quoted ones in one piece. @param from 1: without the program's name. */
function argumentsOf(line: string, from = 1): string[] {
  const words = line.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []
  return words.slice(from).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'))
}
