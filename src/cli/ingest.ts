/** `tickerflow ingest`: reads, checks and stores daily prices. */
import { type CheckedBars, ingestBars } from '../pipeline/market-data.ts'
import { uniqueSymbols } from '../pipeline/preparation.ts'
import { dataDocument } from '../pipeline/run-document.ts'
import { withContext } from './context.ts'
import { findingWords } from './finding-words.ts'
import { configOf, type DataOptions } from './flags.ts'

export async function ingest(options: DataOptions): Promise<void> {
  await withContext(
    options,
    configOf(options),
    async ({ app, config, progress, signal, answer }) => {
      const stored: CheckedBars[] = []
      for (const [i, symbol] of uniqueSymbols([config.symbol, ...(config.panel ?? [])]).entries()) {
        const csv = i === 0 ? options.csv : undefined
        const checked = await progress.step(`Read, check and store ${symbol}`, async (report) => {
          const bars = await ingestBars(app, { symbol, csv, config, signal })
          report(`${bars.bars.date.length} bars`)
          return bars
        })
        stored.push(checked)
      }
      const documents = stored.map(documentOf)
      answer(documents.length === 1 ? documents[0] : documents, () =>
        stored.map(({ bars, findings }) => findingWords(bars, findings)).join('\n'),
      )
    },
  )
}

function documentOf({ bars, findings, historical }: CheckedBars) {
  return { symbol: bars.symbol, source: bars.source, historical, ...dataDocument(bars, findings) }
}
