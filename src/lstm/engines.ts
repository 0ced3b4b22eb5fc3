/** Chooses an engine by name: what a configuration or a stored model says. */
import { isTickerflowError, TickerflowError } from '../errors.ts'
import type { LstmEngine } from './engine.ts'
import { referenceEngine } from './reference-engine.ts'
import { wideTilesPay } from './tile-probe.ts'
import { createWasmEngine } from './wasm-engine.ts'
import type { KernelBinary } from './wasm-kernels.ts'
import { enableWideVectors } from './wide-vectors.ts'

export const ENGINE_NAMES = ['auto', 'reference', 'wasm-simd', 'wasm-relaxed-simd'] as const
export type EngineName = (typeof ENGINE_NAMES)[number]

export interface EngineOptions {
  /**
   * Lets V8 join vectors to 256 bits (an experimental flag of its own, set for the whole process) and
   * uses tiles that gain by it, if a short trial shows that they do: nearly twice as fast where it
   * works, the same bits everywhere. False leaves V8 as it is.
   */
  readonly wideVectors: boolean
}

export const DEFAULT_ENGINE_OPTIONS: EngineOptions = { wideVectors: true }

/**
 * The engine of that name; `auto` is the faster kernel binary that runs here, never the reference,
 * so that a result does not silently change its arithmetic.
 *
 * @throws {TickerflowError} ENGINE_UNAVAILABLE when it can't run here.
 */
export function selectEngine(
  name: EngineName,
  options: EngineOptions = DEFAULT_ENGINE_OPTIONS,
): LstmEngine {
  switch (name) {
    case 'reference':
      return referenceEngine
    case 'wasm-simd':
      return wasmEngine('simd', options)
    case 'wasm-relaxed-simd':
      return wasmEngine('relaxed-simd', options)
    case 'auto':
      return fastestEngine(options)
  }
}

function wasmEngine(binary: KernelBinary, { wideVectors }: EngineOptions): LstmEngine {
  const wideTiles = wideVectors && enableWideVectors() && wideTilesPay(binary)
  return createWasmEngine(binary, { wideTiles })
}

function fastestEngine(options: EngineOptions): LstmEngine {
  try {
    return wasmEngine('relaxed-simd', options)
  } catch (error) {
    if (isTickerflowError(error) && error.code === 'ENGINE_UNAVAILABLE') {
      return wasmEngine('simd', options)
    }
    throw error
  }
}

/**
 * The engine that a stored network names.
 *
 * @throws {TickerflowError} MODEL_DAMAGED for a name that no engine has, ENGINE_UNAVAILABLE.
 */
export function engineNamed(name: string): LstmEngine {
  const known = ENGINE_NAMES.find((candidate) => candidate === name && candidate !== 'auto')
  if (known !== undefined) return selectEngine(known)
  throw new TickerflowError(
    'MODEL_DAMAGED',
    `A stored network names the engine '${name}'; known are ${ENGINE_NAMES.slice(1).join(', ')}. ` +
      'A newer program may have trained it: update this one, or train again.',
    { details: { engine: name } },
  )
}
