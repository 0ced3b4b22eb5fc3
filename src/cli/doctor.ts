/** `tickerflow doctor`: what stands in the way, and what to do about it. */
import { type Config, resolveConfig, secretIn } from '../config.ts'
import { type DoctorFinding, failureOf, ok } from '../pipeline/doctor/finding.ts'
import { checkPort, checkSecrets, checkTracking } from '../pipeline/doctor/outside-checks.ts'
import { checkKernels, checkNode, checkPackages } from '../pipeline/doctor/program-checks.ts'
import { checkState } from '../pipeline/doctor/state-check.ts'
import { checkClock, checkPrices, checkStore } from '../pipeline/doctor/store-checks.ts'
import { storeLayout } from '../store-directory.ts'
import { colours } from './colours.ts'
import { createAnswer, type GlobalOptions, parseInstant } from './context.ts'
import { EXIT } from './exit-codes.ts'

export interface DoctorOptions extends GlobalOptions {
  readonly port?: number
}

const DEFAULT_PORT = 8080

/** Changes nothing, and makes no store. @returns The exit code: 1 when something fails. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const nowMs = parseInstant(options.now, '--now')
  const findings = [checkNode(process.versions.node), checkKernels()]
  try {
    const config = await configuration(options)
    findings.push(ok('configuration', `symbol ${config.symbol}, candidate ${config.candidate}`))
    findings.push(...(await checkAll(config, { nowMs, port: options.port ?? DEFAULT_PORT })))
  } catch (error) {
    findings.push(failureOf('configuration', error))
  }
  const healthy = findings.every(({ verdict }) => verdict !== 'failure')
  createAnswer(options.json ?? false)({ healthy, findings }, () => findings.map(line).join('\n'))
  return healthy ? EXIT.done : EXIT.fault
}

async function configuration(options: GlobalOptions): Promise<Config> {
  return await resolveConfig({
    flags: options.store === undefined ? {} : { store: options.store },
    environment: process.env,
    directory: process.cwd(),
    ...(options.config === undefined ? {} : { file: options.config }),
  })
}

async function checkAll(
  config: Config,
  { nowMs, port }: { readonly nowMs: number | undefined; readonly port: number },
): Promise<readonly DoctorFinding[]> {
  const store = storeLayout(config.store)
  const clock = () => nowMs ?? Date.now()
  return [
    ...(await checkStore(store)),
    await checkPrices(config, store, clock),
    await checkClock(store, () => Date.now()),
    ...(await checkState(config, () => Date.now())),
    await checkTracking(config, fetch),
    await checkPort(port),
    ...(await checkPackages(config, store)),
    ...checkSecrets(config, secretIn(process.env)),
  ]
}

const MARKS = { ok: '✓', warning: '!', failure: '✗' } as const

function line({ check, verdict, found, advice }: DoctorFinding): string {
  const paint = { ok: colours.green, warning: colours.yellow, failure: colours.red }[verdict]
  const words = `${paint(MARKS[verdict])} ${check}: ${found}`
  return advice === undefined ? words : `${words}\n    ${advice}`
}
