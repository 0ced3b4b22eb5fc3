/** The server, through its generated client; changes carry the session's token. */
import { type CallArguments, createClient, type Operations } from '../serving/client/client.ts'

let csrfToken: string | null = null

const client = createClient({
  url: window.location.origin,
  fetch: async (input, init) => {
    const headers = new Headers(init?.headers)
    if (csrfToken !== null) headers.set('x-csrf-token', csrfToken)
    return await fetch(input, { ...init, headers, credentials: 'same-origin' })
  },
})

export async function call<Id extends keyof Operations>(
  operation: Id,
  given?: CallArguments<Id>,
): Promise<Operations[Id]['answer']> {
  return await client.call(operation, given)
}

export type Session = Operations['getSession']['answer']

export function keepSession(session: Session): Session {
  csrfToken = session.csrfToken
  return session
}
