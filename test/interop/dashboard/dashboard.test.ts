/** The dashboard in a real browser, on a store that a real run has made. */
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Bars } from '../../../src/market/bars.ts'
import { readSampleBars } from '../../../src/market/providers/sample.ts'
import { raiseJobAlert } from '../../../src/pipeline/alerts/raise-alerts.ts'
import { runLifecycle } from '../../../src/pipeline/lifecycle.ts'
import { monitorSymbol } from '../../../src/pipeline/monitor/monitor.ts'
import { readAuditLog } from '../../../src/registry/audit-log.ts'
import {
  insertPromotion,
  liveVersion,
  transition,
} from '../../../src/registry/promotion-journal.ts'
import { createApiKey } from '../../../src/serving/access/api-keys.ts'
import { createForecastServer } from '../../../src/serving/server.ts'
import {
  openLifecycle,
  silentProgress,
  type TestLifecycle,
} from '../../integration/lifecycle-application.ts'
import { openBrowser, openPage } from './browser.ts'
import { addVersions, issueForecasts } from './lived-store.ts'

/** Pictures for the documentation are written where this says, and nowhere without it. */
const PICTURES = process.env.TICKERFLOW_PICTURES
const MODEL = 'aapl-forecaster'
const PAGES = {
  overview: ['', 'Last forecast'],
  symbol: ['symbols/AAPL', 'The newest forecasts'],
  models: [`models/${MODEL}`, 'What tells versions apart'],
  runs: ['runs', 'Tracked runs'],
  monitoring: [`monitoring/${MODEL}`, 'By model, version and horizon'],
  alerts: ['alerts', 'Open alerts, the newest first'],
  ledger: ['ledger', 'Changes, the newest first'],
  jobs: ['jobs', 'What is due when'],
} as const

let browser: Browser
let lifecycle: TestLifecycle
let bars: Bars
let server: Awaited<ReturnType<typeof createForecastServer>>
let guarded: Awaited<ReturnType<typeof createForecastServer>>
let url = ''
let guardedUrl = ''
let second = 0
const people = {} as Record<'asker' | 'approver', { text: string; principal: string }>

beforeAll(async () => {
  lifecycle = await openLifecycle({})
  const { app, config } = lifecycle
  const signal = new AbortController().signal
  await runLifecycle(app, { config, progress: silentProgress(), signal })
  bars = await readSampleBars('AAPL')
  second = await addVersions(app, bars)
  await issueForecasts(app, bars, second)
  await monitorSymbol(app, { config, symbol: 'AAPL' })
  const failure = 'PROVIDER_UNAVAILABLE: the provider did not answer'
  raiseJobAlert(app, config, { kind: 'ingest', symbol: 'MSFT', failure: 'STORE_BUSY: locked' })
  raiseJobAlert(app, config, { kind: 'ingest', symbol: 'MSFT', failure: undefined })
  raiseJobAlert(app, config, { kind: 'ingest', symbol: 'AAPL', failure })
  const limits = { maxEventLoopDelayMs: 0 }
  server = await createForecastServer({ app, config, limits, access: { host: '127.0.0.1' } })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
  const access = { host: '127.0.0.1', authenticates: true }
  for (const name of ['asker', 'approver'] as const) people[name] = newKey('admin', name)
  const approvers = Object.values(people).map(({ principal }) => principal)
  const rules = { ...app.promotions.rules, approvers }
  const team = { ...app, promotions: { ...app.promotions, rules } }
  guarded = await createForecastServer({ app: team, config, limits, access })
  guardedUrl = await guarded.listen({ host: '127.0.0.1', port: 0 })
  browser = await openBrowser()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await guarded?.close()
  await lifecycle?.end()
})

function newKey(scope: 'read' | 'admin', name = 'tester'): { text: string; principal: string } {
  const { database, clock, newId } = lifecycle.app
  const context = { database, clock, newId, randomBytes: () => randomBytes(32), actor: 'test' }
  const { text, key } = createApiKey(context, { name, scopes: [scope] })
  return { text, principal: `key:${key.id}:${name}` }
}

/** A promotion to Production that the gate has judged and a person has to approve. */
function waitingPromotion(id: string, requester: string): void {
  const { database, clock } = lifecycle.app
  const what = { id, model: MODEL, version: second, environment: 'production' as const, requester }
  const why = { kind: 'override' as const, reason: 'The old one is worse.', recipe: 'test' }
  const when = { requestedAtMs: clock(), expiresAtMs: clock() + 3_600_000 }
  insertPromotion(database, { ...what, ...why, ...when, approvals: 'team' }, {})
  transition(database, id, { from: 'requested', to: 'gated', atMs: clock() })
}

async function signIn(page: Page, { text }: { readonly text: string }): Promise<void> {
  await page.goto(`${guardedUrl}/#/models/${MODEL}`)
  await page.getByLabel('API key or token').fill(text)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function visit(page: Page, [path, awaited]: readonly [string, string]): Promise<void> {
  await page.goto(`${url}/#/${path}`)
  await page.getByText(awaited).first().waitFor()
  await page.waitForTimeout(300)
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return
  await page.screenshot({ path: join(resolve(PICTURES), `${name}.png`) })
}

const live = () => liveVersion(lifecycle.app.database, { model: MODEL, environment: 'production' })

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, place] of Object.entries(PAGES)) {
    test(`${name} in ${colorScheme}: shows its data, no violation of axe, no fault`, async () => {
      const { page, faults } = await openPage(browser, url, { colorScheme })
      await visit(page, place)
      await picture(page, colorScheme === 'dark' ? `${name}-dark` : name)
      const { violations } = await new AxeBuilder({ page }).analyze()
      const found = violations.map(({ id, nodes }) => [
        id,
        nodes[0]?.html,
        nodes[0]?.failureSummary,
      ])
      expect(found).toEqual([])
      expect(faults).toEqual([])
      await page.context().close()
    })
  }
}

test('at the width of a phone no page scrolls sideways', async () => {
  const { page } = await openPage(browser, url, { viewport: { width: 360, height: 740 } })
  for (const [name, place] of Object.entries(PAGES)) {
    await visit(page, place)
    const width = await page.evaluate('document.documentElement.scrollWidth')
    expect({ name, width }).toEqual({ name, width: 360 })
    if (name === 'symbol') await picture(page, 'phone')
  }
  await page.context().close()
})

test('a choice of colours outlives the page', async () => {
  const { page } = await openPage(browser, url, { colorScheme: 'light' })
  await visit(page, PAGES.overview)
  const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  const light = await background()
  await page.getByLabel('Colours').selectOption('dark')
  expect(await background()).not.toBe(light)
  await page.reload()
  await page.getByText('Last forecast').first().waitFor()
  expect(await background()).not.toBe(light)
  await page.context().close()
})

test('by keyboard alone: skip to the content, open a page, open a model card', async () => {
  const { page } = await openPage(browser, url)
  await visit(page, PAGES.overview)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  expect(await page.evaluate('document.activeElement.id')).toBe('main')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'AAPL' }).waitFor()
  await visit(page, PAGES.models)
  await page.getByRole('button', { name: 'Card of 1' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('Model card of version 1').waitFor()
  await page.context().close()
})

test('what another process does appears without a reload, also after the connection broke', async () => {
  const { page } = await openPage(browser, url)
  await visit(page, PAGES.overview)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.context().setOffline(true)
  await monitorSymbol(lifecycle.app, { config: lifecycle.config, symbol: 'AAPL' })
  await page.context().setOffline(false)
  await page.getByText(`New monitoring report on ${MODEL}`).waitFor({ timeout: 15_000 })
  await page.context().close()
})

test('signed in with a key of scope admin, one rolls back, and the audit names the key', async () => {
  const { page, faults } = await openPage(browser, guardedUrl)
  const before = live()
  await signIn(page, newKey('admin'))
  await page.getByLabel('Reason to roll back').fill('The new one is untested.')
  await page.getByRole('button', { name: 'Roll Production back' }).click()
  await page.getByText('is live again.').waitFor()
  expect(live()).not.toBe(before)
  await picture(page, 'rolled-back')
  const line = readAuditLog(lifecycle.app.database).findLast(
    ({ event }) => event === 'promotion-approved',
  )
  expect(line?.fields.approver).toMatch(/^key:.*:tester$/)
  const [cookie] = await page.context().cookies()
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
  expect(faults).toEqual([])
  await page.context().close()
})

test('a session without its token changes nothing; one of scope read is offered no change', async () => {
  const { page } = await openPage(browser, guardedUrl)
  await signIn(page, newKey('read'))
  await page.getByText('Changing what is live needs the scope admin.').waitFor()
  expect(await page.getByRole('button', { name: /Roll/ }).count()).toBe(0)
  const status = await page.evaluate(
    `fetch('/api/v1/models/${MODEL}/rollback', { method: 'POST', headers: { 'content-type': 'application/json' },
       body: '{"environment":"production","reason":"forged"}' }).then((reply) => reply.status)`,
  )
  expect(status).toBe(403)
  await page.context().close()
})

test('who asked for a promotion cannot approve it; somebody else can, and it is live', async () => {
  const { asker, approver } = people
  waitingPromotion('asked-for', asker.principal)
  const before = live()
  const own = await openPage(browser, guardedUrl)
  await signIn(own.page, asker)
  await own.page.getByRole('button', { name: 'Approve' }).click()
  await own.page.getByText('asked for the promotion', { exact: false }).waitFor()
  await picture(own.page, 'self-approval')
  expect(live()).toBe(before)
  await own.page.context().close()
  const other = await openPage(browser, guardedUrl)
  await signIn(other.page, approver)
  await other.page.getByRole('button', { name: 'Approve' }).click()
  await other.page.getByText(`approved by ${approver.principal}`).waitFor({ state: 'attached' })
  expect(live()).toBe(second)
  await picture(other.page, 'approved')
  expect(other.faults).toEqual([])
  await other.page.context().close()
})

test('a promotion is rejected with a reason, which the audit keeps', async () => {
  waitingPromotion('not-wanted', people.asker.principal)
  const before = live()
  const { page, faults } = await openPage(browser, guardedUrl)
  await signIn(page, people.approver)
  const reject = page.getByRole('button', { name: 'Reject' })
  expect(await reject.isDisabled()).toBe(true)
  await page.getByLabel('Reason to reject').fill('Not before the holidays.')
  await reject.click()
  await reject.waitFor({ state: 'detached' })
  expect(live()).toBe(before)
  const line = readAuditLog(lifecycle.app.database).findLast(
    ({ event }) => event === 'promotion-rejected',
  )
  expect(line?.fields).toMatchObject({
    by: people.approver.principal,
    reason: 'Not before the holidays.',
  })
  expect(faults).toEqual([])
  await page.context().close()
})

test('an alert is acknowledged by keyboard, on the record, and what ends it shows at once', async () => {
  const { app, config } = lifecycle
  const { page } = await openPage(browser, url, {})
  await visit(page, PAGES.alerts)
  await page.getByRole('button', { name: /^Acknowledge: The job ingest AAPL failed/ }).focus()
  await page.keyboard.press('Enter')
  await page.getByText(`by ${app.user}`).waitFor()
  expect(readAuditLog(app.database).at(-1)?.event).toBe('alert-acknowledged')
  raiseJobAlert(app, config, { kind: 'ingest', symbol: 'AAPL', failure: undefined })
  await page.getByText('No alert is open.').waitFor()
  await page.getByText('Open alerts: 0').waitFor()
  await page.context().close()
})

test('the folds of a run are shown when asked for', async () => {
  const { page } = await openPage(browser, url, {})
  await visit(page, PAGES.runs)
  const fold = page.getByText(/^AAPL fold /).first()
  expect(await fold.isVisible()).toBe(false)
  await page
    .getByRole('button', { name: /parts of har AAPL / })
    .first()
    .click()
  await fold.waitFor()
  await page.context().close()
})
