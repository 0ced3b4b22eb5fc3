/** What a replay is about: everything that its outcome depends on, under one digest. */
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { digestOf } from '../../canonical-json.ts'
import type { Config } from '../../config.ts'
import { TickerflowError } from '../../errors.ts'
import type { Bars } from '../../market/bars.ts'
import { schemaMismatch } from '../../schema-mismatch.ts'
import { programDigest } from '../program-digest.ts'

export interface ReplayRequest {
  readonly config: Config
  /** First and last session to live through, days since 1970-01-01. */
  readonly from: number
  readonly to: number
  readonly symbols: readonly string[]
  /** Left out: what the gate passes is approved at once. */
  readonly approvals?: ApprovalScript
}

const Decision = Type.Object(
  {
    date: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    symbol: Type.String({ minLength: 1 }),
    decision: Type.Union([Type.Literal('approve'), Type.Literal('reject')]),
    by: Type.String({ minLength: 1 }),
    reason: Type.Optional(Type.String({ minLength: 1 })),
  },
  { additionalProperties: false },
)
const Script = Type.Array(Decision)

/** What people say on which day about the promotion that waits for them then. */
export type ApprovalScript = Static<typeof Script>

/** @throws {TickerflowError} CONFIG_INVALID; names the place and what was expected. */
export function parseApprovalScript(text: string, file: string): ApprovalScript {
  const content = parsedJson(text)
  if (Value.Check(Script, content)) return content
  const { path, problem } =
    content === undefined
      ? { path: '/', problem: 'it is not JSON' }
      : schemaMismatch(Script, content)
  throw new TickerflowError(
    'CONFIG_INVALID',
    `The approvals in ${file} are wrong at '${path}': ${problem}. Expected a list of ` +
      '{ "date": "2010-04-09", "symbol": "AAPL", "decision": "approve", "by": "ada" }.',
    { details: { file, path } },
  )
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The digest of program, configuration, span, approvals and every price up to the end. */
export async function replayDigest(request: ReplayRequest, bars: readonly Bars[]): Promise<string> {
  const { config, from, to, symbols, approvals } = request
  const { store: _, threads: __, ...settings } = config
  const data = bars.map(({ symbol, digest }) => ({ symbol, digest }))
  const program = await programDigest()
  const plan = { program, settings, from, to, symbols, approvals: approvals ?? null, data }
  return digestOf(JSON.parse(JSON.stringify(plan)))
}
