/** How failures leave the server: problem details here, OIP's and MLflow's own forms on their paths. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Failure, failureOf, PROBLEM_TYPE, problemOf } from './problem.ts'

export function addProblems(server: FastifyInstance): void {
  // A body that cannot be read matters less than that nothing would have read it.
  server.setErrorHandler((error, request, reply) =>
    request.is404 ? sendNotFound(request, reply) : sendFailure(request, reply, error),
  )
  server.setNotFoundHandler(sendNotFound)

  function sendNotFound(request: FastifyRequest, reply: FastifyReply) {
    const methods = methodsOf(server, request)
    if (methods.length === 0) return sendProblem(request, reply, unknownRoute(request))
    reply.header('allow', methods.join(', '))
    const detail = `${pathOf(request)} takes ${methods.join(' and ')}, not ${request.method}.`
    return sendProblem(request, reply, { status: 405, type: 'method-not-allowed', detail })
  }
}

export function sendFailure(request: FastifyRequest, reply: FastifyReply, error: unknown) {
  const failure = failureOf(error)
  if (failure.status >= 500) request.log.error({ err: error }, 'request-failed')
  return sendProblem(request, reply, failure)
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, failure: Failure) {
  for (const [name, value] of Object.entries(failure.headers ?? {})) reply.header(name, value)
  const problem = problemOf(failure, request.id)
  // One body for all: OIP's clients read `error`, MLflow's `error_code` and `message`.
  const body = isOip(request)
    ? { ...problem, error: failure.detail }
    : isScoring(request)
      ? { ...problem, error_code: mlflowCode(failure.status), message: failure.detail }
      : problem
  return reply
    .code(failure.status)
    .type(PROBLEM_TYPE)
    .serializer((content: unknown) => JSON.stringify(content))
    .send(body)
}

function mlflowCode(status: number): string {
  if (status === 404) return 'RESOURCE_DOES_NOT_EXIST'
  return status < 500 ? 'INVALID_PARAMETER_VALUE' : 'INTERNAL_ERROR'
}

function isOip({ url }: FastifyRequest): boolean {
  return url === '/v2' || url.startsWith('/v2/') || url.startsWith('/v2?')
}

function isScoring(request: FastifyRequest): boolean {
  return ['/invocations', '/ping', '/version'].includes(pathOf(request))
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?')[0] ?? url
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Methods that the path does take. */
function methodsOf(server: FastifyInstance, request: FastifyRequest): string[] {
  const url = pathOf(request)
  return METHODS.filter((method) => {
    try {
      const found = server.findRoute({ method, url })
      return (found ?? null) !== null
    } catch {
      return false
    }
  })
}

function unknownRoute(request: FastifyRequest): Failure {
  const detail = `There is no route ${request.method} ${pathOf(request)} here; /docs lists them.`
  return { status: 404, type: 'no-such-route', detail }
}
