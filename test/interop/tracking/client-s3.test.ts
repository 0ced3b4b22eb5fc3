/** Artifacts in an object store, written straight from here: MLflow keeps the books only. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  createMlflowClient,
  type MlflowClient,
} from '../../../src/tracking/client/mlflow-client.ts'
import { startEmbeddedServer } from '../../contract/tracking-store-server.ts'
import { PYTHON } from '../python-environment.ts'
import { freePort } from './mlflow-server.ts'

let directory: string
let objects: ChildProcess
let server: Awaited<ReturnType<typeof startEmbeddedServer>>
let client: MlflowClient
let runId: string

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing')
  vi.stubEnv('AWS_REGION', 'us-east-1')
  directory = await mkdtemp(join(tmpdir(), 'tracking-s3-'))
  const port = await freePort()
  const program = join(dirname(PYTHON), 'moto_server')
  objects = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const endpoint = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 600; tries++) {
    if (await fetch(endpoint).catch(() => undefined)) break
    await sleep(50)
  }
  const s3 = new S3Client({ endpoint, forcePathStyle: true })
  await s3.send(new CreateBucketCommand({ Bucket: 'runs' }))
  server = await startEmbeddedServer()
  client = createMlflowClient({ uri: server.uri, fetch, clock: Date.now, s3EndpointUrl: endpoint })
  const artifactLocation = 's3://runs/some/where'
  const { id } = await client.createExperiment({ name: 'in objects', artifactLocation })
  runId = (await client.createRun({ experimentId: id })).id
})
afterAll(async () => {
  objects.kill()
  await once(objects, 'exit')
  await server.end()
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true, force: true })
})

test('writes, lists and reads, a directory at a time', async () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, at) => at % 256)
  await client.writeArtifact(runId, 'model/weights.bin', bytes)
  await client.writeArtifact(runId, 'model/inner/ü.txt', 'ü')
  await client.writeArtifact(runId, 'empty.txt', '')
  expect(await client.listArtifacts(runId)).toEqual([
    { path: 'empty.txt', isDirectory: false, sizeBytes: 0 },
    { path: 'model', isDirectory: true, sizeBytes: undefined },
  ])
  expect(await client.listArtifacts(runId, 'model')).toEqual([
    { path: 'model/inner', isDirectory: true, sizeBytes: undefined },
    { path: 'model/weights.bin', isDirectory: false, sizeBytes: 1000 },
  ])
  expect(Buffer.compare(await client.readArtifact(runId, 'model/weights.bin'), bytes)).toBe(0)
  expect(Buffer.from(await client.readArtifact(runId, 'model/inner/ü.txt')).toString()).toBe('ü')
  for (const path of ['none.txt', 'model']) {
    await expect(client.readArtifact(runId, path)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  }
})

test('streams what is large', async () => {
  const part = new Uint8Array(1_000_000).fill(7)
  await client.uploadArtifact(runId, 'large.bin', new Blob(Array(8).fill(part)))
  let size = 0
  for await (const chunk of await client.openArtifact(runId, 'large.bin')) size += chunk.length
  expect(size).toBe(8_000_000)
})

test('lists more than a page', async () => {
  for (let from = 0; from < 1050; from += 50) {
    const names = Array.from({ length: 50 }, (_, at) => `many/${from + at}.txt`)
    await Promise.all(names.map((name) => client.writeArtifact(runId, name, 'x')))
  }
  expect(await client.listArtifacts(runId, 'many')).toHaveLength(1050)
}, 120_000)

test('says what an object store refuses', async () => {
  const artifactLocation = 's3://no-such-bucket/x'
  const { id } = await client.createExperiment({ name: 'nowhere', artifactLocation })
  const run = await client.createRun({ experimentId: id })
  await expect(client.writeArtifact(run.id, 'a.txt', 'a')).rejects.toMatchObject({
    code: 'ARTIFACTS_UNREACHABLE',
    message: expect.stringContaining('NoSuchBucket'),
  })
})
