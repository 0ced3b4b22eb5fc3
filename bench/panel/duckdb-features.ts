/**
 * The peer of `bench.ts`: four of the features as window functions of DuckDB, over the same Parquet
 * files, on the same number of threads, into a table in memory. Prints one JSON document.
 *
 *   node bench/panel/duckdb-features.ts --files 'DIR/part-*.parquet' --threads 2 --check S000000
 */
import { parseArgs } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'

/** Named as the features that they are; the same up to rounding. */
const FEATURES = {
  logReturn: 'ln(close / previous)',
  logRangeVariance5: 'avg(v) over (partition by symbol order by date rows 4 preceding)',
  logRangeVariance22: 'avg(v) over (partition by symbol order by date rows 21 preceding)',
  volumeSurprise:
    'ln(volume) - avg(ln(volume)) over (partition by symbol order by date rows 19 preceding)',
}

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '' },
    threads: { type: 'string', default: '2' },
    check: { type: 'string', default: '' },
  },
})
const instance = await DuckDBInstance.create(':memory:', {
  threads: options.threads,
  memory_limit: '8GB',
})
const connection = await instance.connect()
await connection.run(
  'create table bars as select symbol, date, open::double as open, high::double as high, ' +
    `low::double as low, close::double as "close", volume::double as volume from '${options.files}'`,
)
const startMs = performance.now()
const columns = Object.entries(FEATURES).map(([name, formula]) => `${formula} as "${name}"`)
await connection.run(`
  create table features as
  with ranged as (
    select *, lag(close) over (partition by symbol order by date) as previous from bars
  ), variances as (
    select *, ln(greatest(
      0.5 * ln(high / low) ** 2 - (2 * ln(2) - 1) * ln(close / open) ** 2 + ln(open / previous) ** 2,
      1e-10
    )) as v from ranged
  )
  select symbol, date, ${columns.join(', ')} from variances`)
const seconds = (performance.now() - startMs) / 1000
const last = await connection.runAndReadAll(
  `select * exclude (symbol, date) from features where symbol = '${options.check}' ` +
    'order by date desc limit 1',
)
console.log(JSON.stringify({ seconds, last: last.getRowObjects()[0] }))
