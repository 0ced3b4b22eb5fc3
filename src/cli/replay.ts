/** `tickerflow replay`: what would have happened had the operation run through the past. */
import { readFile } from 'node:fs/promises'
import { composeApplication } from '../compose.ts'
import type { Config } from '../config.ts'
import { TickerflowError } from '../errors.ts'
import { SAMPLE_SYMBOLS } from '../market/providers/sample.ts'
import { parseIsoDate } from '../market/trading-date.ts'
import { uniqueSymbols } from '../pipeline/preparation.ts'
import { runReplay } from '../pipeline/replay/replay.ts'
import { type ApprovalScript, parseApprovalScript } from '../pipeline/replay/replay-plan.ts'
import { replayText } from '../pipeline/replay/replay-text.ts'
import type { Simulation } from '../pipeline/replay/simulation.ts'
import { colours } from './colours.ts'
import { withContext } from './context.ts'
import { configOf, type ModelOptions } from './flags.ts'
import { seconds } from './words.ts'

export interface ReplayFlags extends ModelOptions {
  readonly from: string
  readonly to: string
  readonly symbols?: string[]
  readonly retrain?: Config['retrain']['schedule']
  readonly shadow?: number
  readonly approvals?: string
}

export async function replay(options: ReplayFlags): Promise<void> {
  const {
    from,
    to,
    symbols,
    retrain: schedule,
    shadow: shadowSessions,
    approvals,
    ...rest
  } = options
  const flags = {
    ...configOf(rest),
    retrain: {
      ...(schedule && { schedule }),
      ...(shadowSessions !== undefined && { shadowSessions }),
    },
  }
  await withContext(options, flags, async ({ app, config, progress, signal, answer }) => {
    const script = approvals === undefined ? undefined : await readApprovals(approvals)
    const settings = script === undefined ? config : withApprovers(config, script)
    const request = {
      config: settings,
      symbols: symbols === undefined ? [...SAMPLE_SYMBOLS] : uniqueSymbols(symbols),
      ...spanOf(from, to),
      ...(script === undefined ? {} : { approvals: script }),
    }
    const open = (store: string, simulation: Simulation) =>
      composeApplication(localConfig(settings, store), { simulation })
    const document = await runReplay(app, request, { open, progress, signal })
    answer(document, () =>
      [
        '',
        replayText(document),
        '',
        `Report: ${document.report}`,
        colours.dim(`Took ${seconds(document.durationMs)}. Its store: ${document.store}`),
      ].join('\n'),
    )
  })
}

/** A replay records in its own store, never on a server. */
function localConfig(config: Config, store: string): Config {
  const { trackingUri: _, ...rest } = config
  return { ...rest, store }
}

/** Where people decide, the policy asks them. */
function withApprovers(config: Config, script: ApprovalScript): Config {
  if (typeof config.gate === 'string') {
    throw new TickerflowError(
      'CONFIG_INVALID',
      `--approvals replays the policy 'team', and the gate's policy is the file ${config.gate}. ` +
        'Write the policy into the configuration itself for a replay with approvals.',
    )
  }
  const approvers = [...new Set([...config.promotion.approvers, ...script.map(({ by }) => by)])]
  return {
    ...config,
    gate: { ...config.gate, approvals: 'team' },
    promotion: { ...config.promotion, approvers },
  }
}

async function readApprovals(file: string): Promise<ApprovalScript> {
  try {
    return parseApprovalScript(await readFile(file, 'utf8'), file)
  } catch (error) {
    if (error instanceof TickerflowError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new TickerflowError(
      'CONFIG_INVALID',
      `The approvals in ${file} cannot be read: ${reason}.`,
    )
  }
}

function spanOf(from: string, to: string): { from: number; to: number } {
  const span = { from: parseIsoDate(from) ?? Number.NaN, to: parseIsoDate(to) ?? Number.NaN }
  if (span.from <= span.to) return span
  throw new TickerflowError(
    'CONFIG_INVALID',
    `The replay ends on ${to}, before it begins on ${from}. Exchange --from and --to.`,
    { details: { from, to } },
  )
}
