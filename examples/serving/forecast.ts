/** The forecast of a symbol, with the typed client: node forecast.ts http://127.0.0.1:8080 AAPL */
import { createClient, ForecastApiError } from 'tickerflow/client'

const [url = '', symbol = ''] = process.argv.slice(2)
const client = createClient({ url, key: process.env.TICKERFLOW_KEY })
try {
  const { median, asOf, usable, reasons } = await client.call('getForecast', { path: { symbol } })
  console.log(`${symbol} after ${asOf}: ${median.toFixed(2)}`)
  console.log(usable ? 'usable' : `not to be acted on: ${reasons.join('; ')}`)
} catch (error) {
  if (!(error instanceof ForecastApiError)) throw error
  console.error(`${error.status}: ${error.message}`)
  process.exitCode = 1
}
