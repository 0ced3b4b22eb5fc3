/**
 * A process that works until it is killed, and says on stdout what it has been told is done.
 *
 * Arguments: store, kind of work, round.
 */
import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { composeApplication } from '../../src/compose.ts'
import { retrainNow } from '../../src/pipeline/retraining/retrain-now.ts'
import { requestPromotion } from '../../src/registry/promotion.ts'
import { promising } from '../contract/promotion-store.ts'
import { artifactContent, forecastOf, KILL_MODEL, killConfig, wallClockOf } from './kill-work.ts'

const [store = '', kind = '', round = '0'] = process.argv.slice(2)
const config = killConfig(store)
const composed = await composeApplication(config)
const app = { ...composed, wallClock: wallClockOf(Number(round)) }
const say = (...words: (string | number)[]) => writeSync(1, `${words.join(' ')}\n`)

const works: Record<string, (i: number) => Promise<void>> = {
  async retraining() {
    const progress = {
      step: <T>(_: string, work: (say: () => void) => Promise<T>) => work(() => {}),
    }
    const why = { trigger: 'hand', reason: 'killed on the way' } as const
    const made = await retrainNow(app, { config, progress }, { why, holder: `round ${round}` })
    say('done', 'retraining', made?.id ?? '-', made?.version ?? '-')
  },
  async promotion(i) {
    const version = 1 + ((Number(round) + i) % 2)
    const { id, state } = await requestPromotion(app.promotions, {
      ...promising(version),
      model: KILL_MODEL,
      environment: 'production',
      recipe: `round ${round}, ${i}`,
    })
    say('done', 'promotion', id, state)
  },
  async ledger() {
    const ledger = app.openLedger('kill')
    const row = app.database.prepare('SELECT count(*) AS n FROM ledger_lines').get()
    const forecast = forecastOf(Number(row?.n) + 1)
    const [place] = await ledger.append([{ forecast }])
    say('done', 'ledger', place?.seq ?? '-', forecast.asOf)
  },
  async artifact(i) {
    const { runId = '' } = await app.tracking.getModelVersion({ name: KILL_MODEL, version: 1 })
    const path = `killed/${round}-${i}.bin`
    const content = artifactContent(path)
    await app.tracking.writeArtifact(runId, path, content)
    say('done', 'artifact', path, createHash('sha256').update(content).digest('hex'))
  },
}

const work = works[kind]
if (work === undefined) throw new RangeError(`Unknown work '${kind}'`)
say('ready')
for (let i = 0; ; i++) await work(i)
