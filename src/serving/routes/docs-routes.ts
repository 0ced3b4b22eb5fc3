/** `/openapi.json`, and `/docs`: the same as a page, which loads nothing from anywhere. */
import { docsPage } from '../docs-page.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const config = { scope: 'open' } as const

export function docsRoutes(server: TypedServer, _context: ServingContext): void {
  const once: { page?: string; document?: string } = {}
  const documentText = () => JSON.stringify(server.swagger())
  server.get('/openapi.json', { config, schema: { hide: true } }, async (_request, reply) => {
    once.document ??= documentText()
    return await reply.type('application/json').send(once.document)
  })
  server.get('/docs', { config, schema: { hide: true } }, async (_request, reply) => {
    once.page ??= docsPage(JSON.parse(documentText()))
    return await reply.type('text/html; charset=utf-8').send(once.page)
  })
}
