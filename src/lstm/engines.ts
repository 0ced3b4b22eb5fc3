/** Chooses an engine by name: what a configuration or a stored model says. */
import { isTickerflowError } from '../errors.ts'
import type { LstmEngine } from './engine.ts'
import { referenceEngine } from './reference-engine.ts'
import { createWasmEngine } from './wasm-engine.ts'

export const ENGINE_NAMES = ['auto', 'reference', 'wasm-simd', 'wasm-relaxed-simd'] as const
export type EngineName = (typeof ENGINE_NAMES)[number]

/**
 * The engine of that name; `auto` is the faster kernel binary that runs here, never the reference,
 * so that a result does not silently change its arithmetic.
 *
 * @throws {TickerflowError} ENGINE_UNAVAILABLE when it can't run here.
 */
export function selectEngine(name: EngineName): LstmEngine {
  switch (name) {
    case 'reference':
      return referenceEngine
    case 'wasm-simd':
      return createWasmEngine('simd')
    case 'wasm-relaxed-simd':
      return createWasmEngine('relaxed-simd')
    case 'auto':
      return fastestEngine()
  }
}

function fastestEngine(): LstmEngine {
  try {
    return createWasmEngine('relaxed-simd')
  } catch (error) {
    if (isTickerflowError(error) && error.code === 'ENGINE_UNAVAILABLE') {
      return createWasmEngine('simd')
    }
    throw error
  }
}
