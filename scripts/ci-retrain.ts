/**
 * Retrains on a machine that keeps nothing: restores the store from its backups, runs the lifecycle for
 * each symbol, and makes the next backup, whatever came of it. Writes a report in Markdown.
 *
 *     npm run ci:retrain -- --backups DIR --report FILE
 *
 * SYMBOLS (with commas) and SOURCE say what to retrain; CONFIG names another configuration file.
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
const { SYMBOLS = 'AAPL', SOURCE = 'yahoo', CONFIG } = process.env
const work = mkdtempSync(join(tmpdir(), 'retrain-'))
const store = join(work, 'store')

try {
  if (existsSync(join(values.backups, 'manifests'))) {
    tickerflow('backup', 'restore', '--from', values.backups, '--store', store)
  } else mkdirSync(store)
  const sections = SYMBOLS.split(',').map((symbol) => retrained(symbol.trim()))
  writeFileSync(values.report, `# Retraining\n\n${sections.map(({ text }) => text).join('\n')}`)
  const keep = String(KEPT_BACKUPS)
  tickerflow('backup', 'create', '--store', store, '--to', values.backups, '--keep', keep)
  if (sections.some(({ failed }) => failed)) process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}

function retrained(symbol: string): { text: string; failed: boolean } {
  const config = CONFIG ? ['--config', CONFIG] : []
  const args = [
    'run',
    '--symbol',
    symbol,
    '--source',
    SOURCE,
    '--store',
    store,
    '--json',
    ...config,
  ]
  const { status, stdout } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status === 0) return { text: sectionOf(JSON.parse(stdout)), failed: false }
  return { text: `## ${symbol}: failed\n\n${messageIn(stdout)}\n`, failed: true }
}

function sectionOf(document: {
  readonly symbol: string
  readonly asOf: string
  readonly version: {
    readonly name: string
    readonly version: string
    readonly environment: string
  }
  readonly gate: { readonly decision: string; readonly reasons: readonly string[] }
  readonly forecast: { readonly median: number; readonly usable: boolean }
}): string {
  const { symbol, asOf, version, gate, forecast } = document
  return [
    `## ${symbol}: ${gate.decision}`,
    '',
    `Version ${version.version} of ${version.name}, trained until ${asOf}, is in ${version.environment}.`,
    `The next median is ${forecast.median.toFixed(2)}${forecast.usable ? '' : ' (not usable)'}.`,
    '',
    ...gate.reasons.map((reason) => `- ${reason}`),
    '',
  ].join('\n')
}

function messageIn(stdout: string): string {
  try {
    return String(JSON.parse(stdout).error.message)
  } catch {
    return 'It ended without an answer; see the log.'
  }
}

function tickerflow(...args: readonly string[]): void {
  execFileSync(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
}
