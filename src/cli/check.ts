/** `tickerflow check`: looks at daily prices without storing them. */
import { hasBlocking } from '../market/finding.ts'
import { inspectBars } from '../pipeline/market-data.ts'
import { dataDocument } from '../pipeline/run-document.ts'
import { withContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { findingWords } from './finding-words.ts'
import { configOf, type DataOptions } from './flags.ts'

/** @returns The exit code: 3 when a finding is blocking. */
export async function check(options: DataOptions): Promise<number> {
  return await withContext(options, configOf(options), async ({ app, config, signal, answer }) => {
    const { symbol } = config
    const checked = await inspectBars(app, { symbol, csv: options.csv, config, signal })
    const { bars, findings, historical } = checked
    const blocked = hasBlocking(findings)
    answer({ symbol: bars.symbol, historical, blocked, data: dataDocument(bars, findings) }, () =>
      findingWords(bars, findings),
    )
    return blocked ? EXIT.blockedByData : EXIT.done
  })
}
