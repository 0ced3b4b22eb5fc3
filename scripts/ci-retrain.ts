/**
 * Retrains on a machine that keeps nothing: restores the store from its backups, does for each symbol
 * what the scheduler does after a session, and makes the next backup, whatever came of it. Writes a
 * report in Markdown.
 *
 *     npm run ci:retrain -- --backups DIR --report FILE
 *
 * SYMBOLS (with commas) and SOURCE say what to retrain; WHEN is `due` (where a trigger asks for it; a
 * shadow that is over ends) or `now`; CONFIG names another configuration file.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const KEPT_BACKUPS = 3
const MAIN = resolve(import.meta.dirname, '../src/cli/main.ts')
const { values } = parseArgs({
  options: {
    backups: { type: 'string', default: 'store-backups' },
    report: { type: 'string', default: 'report.md' },
  },
})
const { SYMBOLS = 'AAPL', SOURCE = 'yahoo', WHEN = 'due', CONFIG } = process.env
if (WHEN !== 'due' && WHEN !== 'now') throw new Error(`Expected WHEN=due or WHEN=now, not ${WHEN}`)
/** In the order of the scheduler: the training learns from what was ingested and monitored. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  ingest: ['schedule', 'run-now', 'ingest'],
  monitor: ['schedule', 'run-now', 'monitor'],
  retrain:
    WHEN === 'due' ? ['retrain', '--if-due'] : ['retrain', '--reason', 'the workflow was started'],
  forecast: ['schedule', 'run-now', 'forecast'],
}
const work = mkdtempSync(join(tmpdir(), 'retrain-'))
const store = join(work, 'store')

interface Section {
  readonly text: string
  readonly failed: boolean
}

/** What the steps print with `--json`. */
interface Answer {
  readonly jobs?: readonly { readonly outcome: string }[]
  readonly outcome?: string
  readonly retraining?: { readonly version?: number; readonly outcome?: string } | null
  readonly error?: { readonly message: string }
}

try {
  if (existsSync(join(values.backups, 'manifests'))) {
    tickerflow('backup', 'restore', '--from', values.backups, '--store', store)
  } else mkdirSync(store)
  const sections = SYMBOLS.split(',').map((symbol) => sectionOf(symbol.trim()))
  writeFileSync(values.report, `# Retraining\n\n${sections.map(({ text }) => text).join('\n')}`)
  const keep = String(KEPT_BACKUPS)
  tickerflow('backup', 'create', '--store', store, '--to', values.backups, '--keep', keep)
  if (sections.some(({ failed }) => failed)) process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}

function sectionOf(symbol: string): Section {
  const lines: string[] = []
  let verdict = ''
  for (const [name, step] of Object.entries(STEPS)) {
    const { failed, words } = outcomeOf(symbol, step)
    if (failed) return { text: `## ${symbol}: failed\n\n- ${name}: ${words}\n`, failed }
    if (name === 'retrain') verdict = words
    lines.push(`- ${name}: ${words}`)
  }
  return { text: `## ${symbol}: ${verdict}\n\n${lines.join('\n')}\n`, failed: false }
}

function outcomeOf(symbol: string, step: readonly string[]) {
  const config = CONFIG ? ['--config', CONFIG] : []
  const where = ['--symbol', symbol, '--source', SOURCE, '--store', store]
  const { status, stdout } = spawnSync(
    process.execPath,
    [MAIN, ...step, ...where, ...config, '--json'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 * 1024 * 1024 },
  )
  return { failed: status !== 0, words: spoken(stdout) }
}

function spoken(stdout: string): string {
  const { jobs, outcome, retraining, error } = parsed(stdout)
  const trained = retraining && `version ${retraining.version} ${retraining.outcome ?? 'in shadow'}`
  const words = error?.message ?? jobs?.[0]?.outcome ?? outcome ?? trained
  return words ?? 'it ended without an answer; see the log'
}

function parsed(stdout: string): Answer {
  try {
    return JSON.parse(stdout)
  } catch {
    return {}
  }
}

function tickerflow(...args: readonly string[]): void {
  execFileSync(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
}
