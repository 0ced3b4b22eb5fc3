/** People's decisions in a replay: what they approve is live, what they reject or leave lying is not. */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  CHECKOUT,
  createWorkplace,
  documentOf,
  successOf,
  type Workplace,
} from '../integration/cli-process.ts'

let workplace: Workplace
beforeEach(async () => {
  workplace = await createWorkplace()
})
afterEach(() => workplace.remove())

const CONFIG = join(CHECKOUT, 'test/e2e/replay-config.json')

async function replay(decisions: unknown) {
  await workplace.write('approvals.json', decisions as object)
  const span = ['--from', '2009-01-01', '--to', '2009-03-31', '--symbols', 'AAPL']
  const models = ['--models', 'naive,ewma,garch,har', '--config', CONFIG]
  const args = ['replay', ...span, ...models, '--approvals', 'approvals.json', '--json']
  return await workplace.tickerflow([...args, '--store', 'store'])
}

interface Row {
  readonly askedOn: string
  readonly state: string
  readonly approver: string | null
}
const told = ({ askedOn, state, approver }: Row) => [askedOn, state, approver]

test('what a person approves is live from that day; what is rejected or forgotten is not', async () => {
  const decisions = [
    { date: '2009-01-02', symbol: 'AAPL', decision: 'approve', by: 'grace' },
    // Nothing waits on this day: it is passed over.
    { date: '2009-01-20', symbol: 'AAPL', decision: 'approve', by: 'grace' },
    { date: '2009-02-09', symbol: 'AAPL', decision: 'reject', by: 'ada', reason: 'earnings' },
  ]
  const document = successOf(await replay(decisions))
  const [first, , afterShadow, later] = document.promotions.map(told)
  expect(first).toEqual(['2008-12-31', 'committed', 'grace'])
  expect(afterShadow).toEqual(['2009-02-06', 'rejected', null])
  expect(later).toEqual(['2009-03-06', 'expired', null])
  expect(document.live).toEqual([
    { symbol: 'AAPL', version: 1, from: '2009-01-02', to: '2009-03-31', sessions: 61 },
  ])
  expect([document.ledger.intact, document.audit.intact]).toEqual([true, true])
})

test('a script that is none is refused, with the place', async () => {
  const outcome = await replay([{ date: '2009-01-02', symbol: 'AAPL', decision: 'perhaps' }])
  expect(outcome.exitCode).toBe(2)
  const { code, message } = documentOf(outcome).error
  expect([code, message]).toEqual(['CONFIG_INVALID', expect.stringContaining("wrong at '/0")])
})
