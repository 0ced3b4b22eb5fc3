/** A bare server with one of the forecast server's plugins: what that one costs. `--with=NAME`. */
import type { IncomingMessage } from 'node:http'
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { pino } from 'pino'
import { ForecastBody } from '../../src/serving/forecasts/forecast-schemas.ts'
import { addAccessLog, addRequestIds, requestIdOf } from '../../src/serving/http/access-log.ts'
import { addSecurityHeaders } from '../../src/serving/http/security-headers.ts'
import { typeboxValidatorCompiler } from '../../src/serving/http/typebox-compiler.ts'
import { createServingMetrics } from '../../src/serving/metrics.ts'
import { refusalOf } from '../../src/tracking/server/request-guards.ts'
import { PLUGINS, type PluginName } from './plugin-names.ts'

const given = process.argv.find((flag) => flag.startsWith('--with='))?.slice('--with='.length)
const chosen = PLUGINS.find((name) => name === given)
if (chosen === undefined) throw new RangeError(`--with=${given}: expected ${PLUGINS.join(', ')}`)
const has = (name: PluginName) => chosen === name || chosen === 'all of them'

const logger: FastifyBaseLogger = pino(pino.destination({ dest: 2, sync: true }))
const server: FastifyInstance = Fastify({
  ...(has('access log') && { loggerInstance: logger }),
  logController: new LogController({ disableRequestLogging: true }),
  bodyLimit: 2 * 1024 * 1024,
  ...(has('request ids') && {
    genReqId: (request: IncomingMessage) =>
      requestIdOf(request.headers['x-request-id'], () => crypto.randomUUID()),
  }),
})
server.setValidatorCompiler(typeboxValidatorCompiler as never)
if (has('security headers')) addSecurityHeaders(server)
if (has('request ids')) addRequestIds(server)
if (has('access log')) addAccessLog(server)
if (has('metrics')) createServingMetrics().watch(server)
if (has('back-pressure')) await server.register(underPressure, { maxEventLoopDelay: 60_000 })
if (has('rate limit')) {
  await server.register(rateLimit, { max: 1e9, timeWindow: 60_000, hook: 'preValidation' })
}
if (has('host check')) {
  server.addHook('onRequest', async (request) => {
    const options = { host: '127.0.0.1', allowedHosts: [] }
    const foreign = refusalOf(options, request.headers, request.url)
    if (foreign !== undefined) throw foreign
  })
}
server.post(
  '/api/v1/forecasts',
  has('validation') ? { schema: { body: ForecastBody } } : {},
  async (request) => ({ received: Object.keys(request.body as object).length }),
)
server.get('/cpu', async () => process.cpuUsage())
console.log(await server.listen({ host: '127.0.0.1', port: 0 }))
process.on('SIGTERM', () => void server.close())
