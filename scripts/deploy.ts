/**
 * Puts an image, and a model version if one is named, onto a target; what fails the smoke test is undone.
 *
 *     npm run deploy -- --target staging --image ghcr.io/owner/tickerflow@sha256:…
 *
 * Each flag can come from the environment instead: TARGET, IMAGE, MODEL, MODEL_VERSION, TICKERFLOW_URL.
 * REQUESTER_KEY and APPROVER_KEY are API keys (scope admin) of two people; KUBE_CONFIG is the content of
 * a kubeconfig file, where the commands of the target want one.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { createClient } from '../src/serving/client/client.ts'

const Command = Type.Array(Type.String(), { minItems: 1 })
const Targets = Type.Record(
  Type.String(),
  Type.Object({
    /** Prints the image that runs now. */
    current: Command,
    /** Run in order with `{image}` replaced; the last returns when the new image is in service. */
    deploy: Type.Array(Command, { minItems: 1 }),
    /** Whose forecast the smoke test asks for. */
    symbol: Type.String(),
  }),
)

const env = process.env
const { values } = parseArgs({
  options: {
    target: { type: 'string', default: env.TARGET },
    image: { type: 'string', default: env.IMAGE },
    model: { type: 'string', default: env.MODEL },
    version: { type: 'string', default: env.MODEL_VERSION },
    url: { type: 'string', default: env.TICKERFLOW_URL },
    'answer-within': { type: 'string', default: '60' },
    targets: { type: 'string', default: resolve(import.meta.dirname, '../deploy/targets.json') },
  },
})
const name = given(values.target, '--target or TARGET')
const image = given(values.image, '--image or IMAGE')
const url = given(values.url, '--url or TICKERFLOW_URL')
const target = targetOf(name)
const version = values.model
  ? Number(given(values.version, '--version or MODEL_VERSION'))
  : undefined
const requester = createClient({ url, key: env.REQUESTER_KEY || undefined })
const approver = createClient({ url, key: env.APPROVER_KEY || undefined })
const secrets = kubeConfig()
let promoted = false

try {
  const before = run(target.current).trim()
  say(`${name} runs ${before}; deploying ${image}`)
  try {
    putImage(image)
    await untilAnswers()
    if (version !== undefined) await promote(values.model ?? '', version)
    await smoke()
    say(
      `${name} runs ${image}${version === undefined ? '' : `, ${values.model} version ${version}`}`,
    )
  } catch (error) {
    say(`Undoing: ${wordsOf(error)}`)
    await undo(before)
    process.exitCode = 1
  }
} finally {
  secrets.remove()
}

async function undo(before: string): Promise<void> {
  if (promoted) {
    const body = { environment: 'production' as const, reason: `deployment to ${name} failed` }
    await requester
      .call('rollBack', { path: { name: values.model ?? '' }, body })
      .catch((error: unknown) => say(`The version stays live: ${wordsOf(error)}`))
  }
  putImage(before)
  await untilAnswers()
  say(`${name} runs ${before} again`)
}

/** Asks for the promotion as one person and approves it as another, for each step of the way. */
async function promote(model: string, number: number): Promise<void> {
  for (let step = 0; step < 4; step++) {
    const body = { version: number, to: 'production' as const }
    const { promotions } = await requester.call('promoteVersion', { path: { name: model }, body })
    const last = promotions.at(-1)
    if (last === undefined || last.state === 'committed') break
    if (!last.awaitsApproval)
      throw new Error(`The gate says ${last.decision}: ${last.reasons.join(' ')}`)
    const approved = { path: { name: model }, body: { promotion: last.id } }
    const { approver: by, environment } = await approver.call('approvePromotion', approved)
    say(`${model} version ${number} for ${environment}: approved by ${by}`)
  }
  promoted = true
}

async function smoke(): Promise<void> {
  const forecast = await requester.call('getForecast', { path: { symbol: target.symbol } })
  if (!(Number(forecast.median) > 0))
    throw new Error(`The forecast has no median: ${forecast.median}`)
  if (version === undefined || forecast.model !== values.model) return
  if (forecast.version === String(version)) return
  throw new Error(`Version ${forecast.version} answers where ${version} was deployed`)
}

async function untilAnswers(): Promise<void> {
  const deadline = performance.now() + 1000 * Number(values['answer-within'])
  let last = 'no answer'
  while (performance.now() < deadline) {
    const reply = await fetch(`${url}/health/live`).catch((error: unknown) => wordsOf(error))
    if (typeof reply !== 'string' && reply.ok) return
    last = typeof reply === 'string' ? reply : `status ${reply.status}`
    await sleep(250)
  }
  throw new Error(`${url} did not answer in time (${last})`)
}

function putImage(wanted: string): void {
  for (const command of target.deploy)
    run(command.map((part) => part.replaceAll('{image}', wanted)))
}

function run([program = '', ...args]: readonly string[]): string {
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
  return execFileSync(program, args, {
    encoding: 'utf8',
    stdio,
    env: { ...env, ...secrets.variables },
  })
}

function targetOf(wanted: string) {
  const targets: unknown = JSON.parse(readFileSync(values.targets, 'utf8'))
  if (!Value.Check(Targets, targets)) throw new Error(`${values.targets} does not list targets`)
  const found = targets[wanted]
  if (found !== undefined) return found
  throw new Error(`No target '${wanted}'; there are ${Object.keys(targets).join(', ')}`)
}

function kubeConfig() {
  if (!env.KUBE_CONFIG) return { variables: {}, remove: () => undefined }
  const directory = mkdtempSync(join(tmpdir(), 'deploy-'))
  const file = join(directory, 'kubeconfig')
  writeFileSync(file, env.KUBE_CONFIG, { mode: 0o600 })
  return {
    variables: { KUBECONFIG: file },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

function given(value: string | undefined, what: string): string {
  if (value) return value
  throw new Error(`${what} is missing`)
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
