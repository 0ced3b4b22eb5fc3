/** Request ids, and one structured line per request; secrets never reach the log. */
import type { FastifyInstance } from 'fastify'

/** Ids of callers are kept when they are short and plain, so that logs of both sides match. */
const PLAIN_ID = /^[A-Za-z0-9._-]{1,64}$/

export function requestIdOf(given: unknown, newId: () => string): string {
  return typeof given === 'string' && PLAIN_ID.test(given) ? given : newId()
}

/** The request's id goes back to the caller, whatever the answer is. */
export function addRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
}

/** One line when the answer has been sent. Only what is named here is written: no headers, no body. */
export function addAccessLog(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    request.log.info(
      {
        event: 'request',
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 1000) / 1000,
        principal: request.principal?.name ?? null,
        ip: request.ip,
      },
      'request',
    )
    done()
  })
}
