/** OpenID Connect bearer tokens: signed by the issuer, meant for this server, not expired. */
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose'
import { type Principal, SCOPES } from './principal.ts'

export interface OidcOptions {
  readonly issuer: string
  readonly audience: string
  /** Where the issuer publishes its keys; fetched when first needed, kept for ten minutes. */
  readonly jwksUri: string
}

/** Asymmetric only: a token must not be forged by whoever can check it. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA']
const CLOCK_TOLERANCE_SECONDS = 30

export type VerifyToken = (token: string) => Promise<Principal | undefined>

/** @param clock Milliseconds since the epoch. */
export function createTokenVerifier(options: OidcOptions, clock: () => number): VerifyToken {
  const keys = createRemoteJWKSet(new URL(options.jwksUri), { timeoutDuration: 5_000 })
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: options.issuer,
        audience: options.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(clock()),
      })
      return { name: `oidc:${payload.sub}`, scopes: scopesOf(payload) }
    } catch {
      // Expired, forged, foreign or unverifiable: the caller is told no more than that it won't do.
      return undefined
    }
  }
}

/** `scope: "read predict"`, or `scp` as Microsoft has it; bare or as `tickerflow:read`. */
function scopesOf({ scope, scp }: JWTPayload): Principal['scopes'] {
  const given = [scope, scp].flatMap((claim) =>
    Array.isArray(claim) ? claim.map(String) : String(claim ?? '').split(' '),
  )
  return SCOPES.filter((known) => given.includes(known) || given.includes(`tickerflow:${known}`))
}
