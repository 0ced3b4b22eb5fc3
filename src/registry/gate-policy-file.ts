/** Reads a gate policy as a person has written it down. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Value } from 'typebox/value'
import { TickerflowError } from '../errors.ts'
import { schemaMismatch } from '../schema-mismatch.ts'
import {
  DEFAULT_GATE_POLICY,
  type GatePolicy,
  GatePolicySchema,
  gatePolicyDigest,
} from './gate-policy.ts'

/** The fields that differ from the default policy, or the path of a JSON file that holds them. */
export type DeclaredGatePolicy = string | Readonly<Record<string, unknown>>

/**
 * The default policy with the declared fields over it.
 *
 * Whoever changes a figure gives the policy a version of its own: a verdict names it.
 *
 * @throws {TickerflowError} CONFIG_INVALID; names the file or section, the field and what was
 *   expected.
 */
export function readGatePolicy(declared: DeclaredGatePolicy | undefined): GatePolicy {
  if (declared === undefined) return DEFAULT_GATE_POLICY
  const place = typeof declared === 'string' ? declared : "the configuration's 'gate'"
  const fields = typeof declared === 'string' ? readJson(declared) : declared
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw invalid(place, '/', `${JSON.stringify(fields)} must be an object`)
  }
  const policy: unknown = { ...DEFAULT_GATE_POLICY, ...fields }
  if (!Value.Check(GatePolicySchema, policy)) {
    const { path, problem } = schemaMismatch(GatePolicySchema, policy)
    throw invalid(place, path, problem)
  }
  assertBounds(policy, place)
  assertNamed(policy, place)
  return policy
}

function assertBounds(policy: GatePolicy, place: string): void {
  for (const [name, nominal] of [
    ['coverage80', 0.8],
    ['coverage95', 0.95],
  ] as const) {
    const { from, to } = policy[name]
    if (from < nominal && nominal < to) continue
    throw invalid(place, `/${name}`, `${from} to ${to} must enclose ${nominal}`)
  }
}

/** A verdict under other figures must not pass for one under the default policy. */
function assertNamed(policy: GatePolicy, place: string): void {
  if (policy.version !== DEFAULT_GATE_POLICY.version) return
  const { approvals } = policy
  const named = gatePolicyDigest({ ...DEFAULT_GATE_POLICY, approvals })
  if (named === gatePolicyDigest(policy)) return
  throw invalid(
    place,
    '/version',
    `"${policy.version}" is the default policy; a changed one needs a version of its own`,
  )
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(resolve(path), 'utf8'))
  } catch (cause) {
    throw new TickerflowError(
      'CONFIG_INVALID',
      `Cannot read the gate policy ${path}: ${(cause as Error).message}. Expected a JSON file; see docs/how-to/write-a-gate-policy.md.`,
      { details: { path }, cause },
    )
  }
}

function invalid(place: string, path: string, problem: string): TickerflowError {
  return new TickerflowError(
    'CONFIG_INVALID',
    `The gate policy (${place}) is wrong at '${path}': ${problem}. Compare it with docs/how-to/write-a-gate-policy.md.`,
    { details: { source: place, path } },
  )
}
