/**
 * One process that promotes or rolls back, and is killed, or waits for others, at a given point.
 *
 * Arguments: store, `promote` or `rollback`, version, point, `die` or `wait`.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isTickerflowError } from '../../src/errors.ts'
import { requestPromotion } from '../../src/registry/promotion.ts'
import type { PromotionContext } from '../../src/registry/promotion-steps.ts'
import { rollBack } from '../../src/registry/rollback.ts'
import { openPromotions, PRODUCTION, promising } from '../contract/promotion-store.ts'

const [directory = '', what, version, point, end] = process.argv.slice(2)

function reach(reached: string): void {
  if (reached !== point) return
  if (end === 'die') process.kill(process.pid, 'SIGKILL')
  writeFileSync(join(directory, `ready-${version}`), '')
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  while (!existsSync(join(directory, 'go'))) Atomics.wait(sleeper, 0, 0, 5)
}

const plain = openPromotions(directory, () => Date.now())
const context: PromotionContext = {
  ...plain,
  onStep: ({ state }) => reach(state),
  tracking: {
    ...plain.tracking,
    async setModelVersionStage(...request) {
      const staged = await plain.tracking.setModelVersionStage(...request)
      reach('stage-set')
      return staged
    },
    async setAlias(...request) {
      await plain.tracking.setAlias(...request)
      reach('alias-set')
    },
  },
}
try {
  const reason = 'killed on the way'
  if (what === 'rollback') await rollBack(context, { ...PRODUCTION, by: 'ada', reason })
  else await requestPromotion(context, promising(Number(version)))
} catch (error) {
  if (!isTickerflowError(error)) throw error
  process.stdout.write(error.code)
}
await plain.tracking.close()
plain.database.close()
