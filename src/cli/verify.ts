/** `tickerflow verify`: whether anybody has changed what was written to be kept. */
import { readFile, writeFile } from 'node:fs/promises'
import { Value } from 'typebox/value'
import { TickerflowError } from '../errors.ts'
import { RecordHeads, type RecordsVerification, verifyRecords } from '../pipeline/verify-records.ts'
import { colours } from './colours.ts'
import { type GlobalOptions, withContext } from './context.ts'
import { EXIT } from './exit-codes.ts'

export interface VerifyOptions extends GlobalOptions {
  /** Heads to hold the records against. */
  readonly heads?: string
  /** Where to write the heads of today. */
  readonly export?: string
}

/** @returns The exit code: 1 when something was changed. */
export async function verify(options: VerifyOptions): Promise<number> {
  const kept = options.heads === undefined ? undefined : await readHeads(options.heads)
  return await withContext(options, {}, async ({ app, answer }) => {
    const verification = verifyRecords(app.database, kept)
    if (options.export !== undefined && verification.heads !== null) {
      await writeFile(options.export, `${JSON.stringify(verification.heads, null, 2)}\n`)
    }
    answer(verification, () => verificationWords(verification))
    return verification.intact ? EXIT.done : EXIT.fault
  })
}

async function readHeads(file: string): Promise<RecordHeads> {
  try {
    const heads: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (Value.Check(RecordHeads, heads)) return heads
  } catch (cause) {
    throw notHeads(file, cause)
  }
  throw notHeads(file)
}

function notHeads(file: string, cause?: unknown): TickerflowError {
  const message = `${file} does not hold the ends of the records as \`tickerflow verify --export FILE\` writes them.`
  return new TickerflowError('CONFIG_INVALID', message, { details: { file }, cause })
}

function verificationWords({ intact, faults, ...lines }: RecordsVerification): string {
  if (intact) {
    return `Intact: ${lines.auditLines} lines of the audit log, ${lines.ledgerLines} of the ledger; the journal of promotions agrees.`
  }
  return faults
    .map(({ record, message }) => `${colours.red('Changed')}: ${record}: ${message}`)
    .join('\n')
}
