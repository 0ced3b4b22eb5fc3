/** Who asks, and what they may do. */

export const SCOPES = ['read', 'predict', 'admin'] as const
/** `read`: what is stored; `predict`: forecasts too; `admin`: everything, changes included. */
export type Scope = (typeof SCOPES)[number]

export interface Principal {
  /** For logs and the audit: the key's id and name, or the token's subject; never the secret. */
  readonly name: string
  readonly scopes: readonly Scope[]
}

/** Someone on this machine, where the server is open to everyone. */
export const LOCAL_PRINCIPAL: Principal = { name: 'local', scopes: SCOPES }

/** Who is written down as having done it: on this machine, the one whom the program runs for. */
export function actorOf(principal: Principal | null, localUser: string): string {
  return principal === null || principal === LOCAL_PRINCIPAL ? localUser : principal.name
}

export function mayDo({ scopes }: Principal, scope: Scope): boolean {
  if (scopes.includes('admin')) return true
  return scopes.includes(scope) || (scope === 'read' && scopes.includes('predict'))
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the access guard; null before it, and for what it refused. */
    principal: Principal | null
  }
  interface FastifyContextConfig {
    /** What the route needs; `open` for what anyone may ask. */
    readonly scope?: Scope | 'open'
  }
}
