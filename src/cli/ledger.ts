/** `tickerflow ledger`: the forecasts that were issued, and whether their record is intact. */
import { readFile } from 'node:fs/promises'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { writeFileAtomic } from '../atomic-file.ts'
import { TickerflowError } from '../errors.ts'
import { formatDay } from '../market/trading-date.ts'
import {
  chainHeads,
  type LedgerVerification,
  ledgerDigest,
  verifyLedger,
} from '../monitoring/ledger/verify-ledger.ts'
import {
  type LivePerformance,
  listTracks,
  livePerformance,
} from '../monitoring/live-performance.ts'
import { colours } from './colours.ts'
import { type GlobalOptions, withContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { percent, table } from './words.ts'

const Heads = Type.Object({
  heads: Type.Array(
    Type.Object({
      chain: Type.String(),
      seq: Type.Integer({ minimum: 1 }),
      hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
  ),
})

export interface VerifyOptions extends GlobalOptions {
  /** File that `ledger heads` wrote. */
  readonly heads?: string
}

/** @returns The exit code: 1 when a line was changed or is missing. */
export async function verifyForecasts(options: VerifyOptions): Promise<number> {
  const kept = options.heads === undefined ? [] : (await readHeads(options.heads)).heads
  return await withContext(options, {}, async ({ app, answer }) => {
    const result = verifyLedger(app.database, kept)
    const digest = result.intact ? { digest: ledgerDigest(result.heads) } : {}
    answer({ ...result, ...digest }, () => verificationWords(result))
    return result.intact ? EXIT.done : EXIT.fault
  })
}

function verificationWords(result: LedgerVerification): string {
  if (!result.intact) {
    return colours.red(`Not intact: chain '${result.chain}', line ${result.seq}: ${result.reason}.`)
  }
  const chains = result.heads.map(({ chain, seq, hash }) => [chain, String(seq), hash.slice(0, 16)])
  return [
    `Intact: ${result.lines} lines.`,
    ...(chains.length === 0 ? [] : [table(['chain', 'lines', 'head'], chains)]),
  ].join('\n')
}

export interface HeadsOptions extends GlobalOptions {
  /** Where to write them; without it they are only printed. */
  readonly out?: string
}

/** Exports the ends of all chains: kept elsewhere, they show lines that were cut off later. */
export async function exportHeads(options: HeadsOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const heads = chainHeads(app.database)
    const document = { exportedAt: new Date(app.clock()).toISOString(), heads }
    const text = `${JSON.stringify(document, undefined, 2)}\n`
    if (options.out !== undefined) {
      await writeFileAtomic(options.out, text, { temporaryDirectory: app.directory.tmp })
    }
    answer(document, () => (options.out === undefined ? text.trimEnd() : `Wrote ${options.out}`))
  })
}

async function readHeads(file: string): Promise<Static<typeof Heads>> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (Value.Check(Heads, content)) return content
  } catch (cause) {
    throw notHeads(file, cause)
  }
  throw notHeads(file)
}

function notHeads(file: string, cause?: unknown): TickerflowError {
  const message = `${file} does not hold chain heads as \`tickerflow ledger heads --out FILE\` writes them.`
  return new TickerflowError('CONFIG_INVALID', message, { details: { file }, cause })
}

export interface PerformanceOptions extends GlobalOptions {
  readonly symbol?: string
}

/** Every track of the ledger with its live scores. */
export async function showPerformance(options: PerformanceOptions): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const rows = listTracks(app.database, options.symbol).map(({ track, ...key }) => ({
      ...key,
      ...performanceDocument(livePerformance(app.database, { track, ...key })),
    }))
    answer(rows, () =>
      rows.length === 0
        ? 'No forecast has been issued yet: tickerflow forecast --record and tickerflow serve record theirs.'
        : table(
            [
              'symbol',
              'sessions',
              'model',
              'version',
              'role',
              'matured',
              'pending',
              'CRPS',
              '80 %',
              'skill against',
            ],
            rows.map((row) => [
              row.symbol,
              String(row.horizon),
              row.model,
              row.version === 0 ? '–' : String(row.version),
              row.role,
              String(row.matured),
              String(row.pending),
              row.crps === null ? '–' : row.crps.toFixed(5),
              row.coverage80 === null ? '–' : percent(row.coverage80),
              Object.entries(row.skill)
                .map(([name, { skillRatio }]) => `${name} ${percent(skillRatio)}`)
                .join(', '),
            ]),
          ),
    )
  })
}

function performanceDocument({ lastAsOf, ...rest }: LivePerformance) {
  return { lastAsOf: lastAsOf === undefined ? null : formatDay(lastAsOf), ...rest }
}
