/** Whether the program itself can run here: Node, kernels, what is optional but configured. */
import { existsSync } from 'node:fs'
import type { Config } from '../../config.ts'
import { selectEngine } from '../../lstm/engines.ts'
import type { StoreDirectory } from '../../store-directory.ts'
import { type DoctorFinding, failure, failureOf, ok, warning } from './finding.ts'

const LEAST_NODE = 24

export function checkNode(version: string): DoctorFinding {
  const [major = 0] = version.split('.').map(Number)
  if (major >= LEAST_NODE) return ok('node', `Node ${version}`)
  return failure(
    'node',
    `Node ${version}`,
    `Tickerflow needs Node ${LEAST_NODE} or newer: install it from nodejs.org, or run npm scripts of a checkout, which bring their own.`,
  )
}

/** The kernels are loaded and tried, as at the start of a training. */
export function checkKernels(): DoctorFinding {
  try {
    const { name, binaryDigest } = selectEngine('auto')
    const which = `${name}, binary ${binaryDigest?.slice(0, 12) ?? 'unknown'}`
    if (name === 'wasm-relaxed-simd') return ok('kernels', `${which}: multiply-add is fused`)
    return warning(
      'kernels',
      `${which}: multiply-add is not fused here`,
      'Training works, but slower, and reproduces runs of fused kernels only where those run.',
    )
  } catch (error) {
    return failureOf('kernels', error)
  }
}

/** Packages that only some configurations need. */
export async function checkPackages(
  config: Config,
  { universes }: StoreDirectory,
): Promise<readonly DoctorFinding[]> {
  const wanted = [
    { name: '@duckdb/node-api', why: 'the store has universes', needed: existsSync(universes) },
    {
      name: '@aws-sdk/client-s3',
      why: 's3EndpointUrl is configured',
      needed: config.s3EndpointUrl !== undefined,
    },
    ...['pg', 'kysely'].map((name) => ({
      ...{ name, why: 'state.postgres is configured' },
      needed: config.state.postgres !== undefined,
    })),
    {
      name: 'ioredis',
      why: 'state.redis is configured',
      needed: config.state.redis !== undefined,
    },
  ]
  const findings = wanted
    .filter(({ needed }) => needed)
    .map(async ({ name, why }) => {
      try {
        await import(name)
        return ok('packages', `${name} is installed (${why})`)
      } catch {
        return failure('packages', `${name} is missing, and ${why}`, `npm install ${name}`)
      }
    })
  return await Promise.all(findings)
}
