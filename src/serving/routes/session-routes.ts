/** `/api/v1/session`: who one is; signing in with a key or a token, and out. */
import { randomBytes } from 'node:crypto'
import { Type } from 'typebox'
import { appendAudit } from '../../registry/audit-log.ts'
import { type AccessOptions, principalOfCredential } from '../access/access-guard.ts'
import { idOfKeyText, isApiKeyText } from '../access/api-keys.ts'
import { LOCAL_PRINCIPAL, mayDo, type Principal, SCOPES } from '../access/principal.ts'
import {
  createSession,
  csrfTokenOf,
  endSession,
  KEY_SESSION_MS,
  principalOfSession,
  sessionCookie,
  sessionTextOf,
  TOKEN_SESSION_MS,
} from '../access/sessions.ts'
import { problemResponses } from '../http/problem.ts'
import { Refusal } from '../refusal.ts'
import type { TypedServer } from './serving-context.ts'

const config = { scope: 'open' } as const

const Session = Type.Object({
  principal: Type.Union([Type.String(), Type.Null()], { description: 'null: not signed in.' }),
  scopes: Type.Array(Type.Enum(['read', 'predict', 'admin']), { description: 'What one may do.' }),
  needsSignIn: Type.Boolean({ description: 'The server asks for keys or tokens.' }),
  csrfToken: Type.Union([Type.String(), Type.Null()], {
    description: 'For the header x-csrf-token of every change in the session.',
  }),
})

export function sessionRoutes(server: TypedServer, access: AccessOptions): void {
  const { database, clock, authenticates } = access

  server.get(
    '/api/v1/session',
    {
      config,
      schema: {
        tags: ['operation'],
        operationId: 'getSession',
        summary: 'Who the browser is signed in as',
        response: { 200: Session, ...problemResponses() },
      },
    },
    async ({ headers }) => {
      if (!authenticates) return documentOf(LOCAL_PRINCIPAL, null)
      const text = sessionTextOf(headers.cookie)
      const principal = text && principalOfSession(database, text, clock())
      return principal ? documentOf(principal, csrfTokenOf(text)) : documentOf(undefined, null)
    },
  )

  server.post(
    '/api/v1/session',
    {
      config,
      schema: {
        tags: ['operation'],
        operationId: 'signIn',
        summary: 'Exchange an API key or a token for a session cookie',
        body: Type.Object(
          { credential: Type.String({ minLength: 1, maxLength: 8192 }) },
          { additionalProperties: false },
        ),
        response: { 200: Session, ...problemResponses() },
      },
    },
    async ({ body: { credential }, protocol }, reply) => {
      const principal = await principalOfCredential(access, credential.trim())
      if (principal === undefined) throw unknownCredential()
      const keyId = isApiKeyText(credential.trim()) ? idOfKeyText(credential.trim()) : undefined
      const nowMs = clock()
      const text = createSession(database, { principal, keyId, nowMs, secret: randomBytes(32) })
      appendAudit(database, { atMs: nowMs, event: 'signed-in', fields: { by: principal.name } })
      const maxAgeMs = keyId === undefined ? TOKEN_SESSION_MS : KEY_SESSION_MS
      reply.header('set-cookie', sessionCookie(text, { secure: protocol === 'https', maxAgeMs }))
      return documentOf(principal, csrfTokenOf(text))
    },
  )

  server.delete(
    '/api/v1/session',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['operation'],
        operationId: 'signOut',
        summary: 'End the session',
        response: { 200: Session, ...problemResponses() },
      },
    },
    async ({ headers, protocol }, reply) => {
      const text = sessionTextOf(headers.cookie)
      if (text !== undefined) endSession(database, text)
      reply.header('set-cookie', sessionCookie('', { secure: protocol === 'https', maxAgeMs: 0 }))
      return documentOf(undefined, null)
    },
  )

  function documentOf(principal: Principal | undefined, csrfToken: string | null) {
    const scopes = SCOPES.filter((scope) => principal !== undefined && mayDo(principal, scope))
    return { principal: principal?.name ?? null, scopes, needsSignIn: authenticates, csrfToken }
  }
}

function unknownCredential(): Refusal {
  const detail =
    'No key or token that counts: it is unknown, revoked, expired or not meant for this.'
  return new Refusal({ status: 401, type: 'unauthenticated', detail })
}
