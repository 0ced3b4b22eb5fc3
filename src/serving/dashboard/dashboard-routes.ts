/** The web app at `/`, from the files that `npm run build:dashboard` has written. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Three folders up from src and from dist alike. */
const BUILT = fileURLToPath(new URL('../../../dist/dashboard/', import.meta.url))

/** Scripts, styles and answers of this server; nothing written into the page, nothing from elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const config = { scope: 'open' } as const
const schema = { hide: true } as const

export async function dashboardRoutes(server: FastifyInstance, root = BUILT): Promise<void> {
  await server.register(fastifyStatic, { root, serve: false, decorateReply: true })
  server.get('/', { config, schema }, async (_request, reply) => {
    if (!existsSync(join(root, 'index.html'))) return await notBuilt(reply)
    reply.header('content-security-policy', POLICY).header('cache-control', 'no-cache')
    return await reply.sendFile('index.html', { cacheControl: false })
  })
  server.get<{ Params: { '*': string } }>(
    '/assets/*',
    { config, schema },
    async ({ params }, reply) => {
      // Their names hold the digest of what is in them.
      const forever = { maxAge: '365d', immutable: true }
      return await reply.sendFile(`assets/${params['*']}`, forever)
    },
  )
}

async function notBuilt(reply: FastifyReply): Promise<FastifyReply> {
  const text =
    'The dashboard has not been built: npm run build:dashboard. The API is here: /docs lists its routes.\n'
  return await reply.code(503).type('text/plain; charset=utf-8').send(text)
}
