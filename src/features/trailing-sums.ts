/** The long trailing sums of a column, by the kernel `kernels/trailing.ts`: most of a frame's time. */
import { readFileSync } from 'node:fs'
import { TickerflowError } from '../errors.ts'
import { newColumn } from './new-column.ts'

interface TrailingKernel {
  readonly memory: WebAssembly.Memory
  trailingSums(
    rows: number,
    sessions: number,
    x: number,
    weights: number,
    weighted: number,
    plain: number,
  ): void
}

export interface TrailingSums {
  /** Σ weights[k] · x[t − k] [n]; NaN before row `weights.length`. */
  readonly weighted: Float64Array
  /** Σ x[t − k] over the same rows [n]; NaN before row `weights.length`. */
  readonly plain: Float64Array
}

/** The package's root is two folders up from src/features and from dist/features alike. */
const BINARY = new URL('../../build/kernels/trailing.wasm', import.meta.url)

const PAGE_BYTES = 65_536
/** The kernel works on eight rows at a time and may pass the end by seven. */
const SPARE_ROWS = 8

let loaded: TrailingKernel | undefined

/**
 * Sums over the `weights.length` newest rows at each row from row `weights.length` on (row 0 is never
 * read: a return has none). Each row's sum runs from its newest value to its oldest.
 *
 * @param x Column [n].
 * @param weights By age, the newest first [sessions].
 * @throws {TickerflowError} ENGINE_UNAVAILABLE when the kernel was not built.
 */
export function trailingSums(x: Float64Array, weights: Float64Array): TrailingSums {
  const rows = x.length
  const sessions = weights.length
  const kernel = loadKernel()
  const stride = rows + SPARE_ROWS
  const view = doublesOf(kernel.memory, 3 * stride + sessions)
  view.set(x, 0)
  view.fill(0, rows, stride)
  view.set(weights, 3 * stride)
  const [weighted, plain] = [stride, 2 * stride]
  kernel.trailingSums(rows, sessions, 0, 24 * stride, 8 * weighted, 8 * plain)
  const columnAt = (from: number) => {
    const column = newColumn(rows)
    column.set(view.subarray(from, from + rows))
    return column.fill(Number.NaN, 0, Math.min(sessions, rows))
  }
  return { weighted: columnAt(weighted), plain: columnAt(plain) }
}

function doublesOf(memory: WebAssembly.Memory, length: number): Float64Array {
  const missing = 8 * length - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
  return new Float64Array(memory.buffer, 0, length)
}

function loadKernel(): TrailingKernel {
  loaded ??= instantiate()
  return loaded
}

function instantiate(): TrailingKernel {
  const memory = new WebAssembly.Memory({ initial: 4 })
  try {
    const module = new WebAssembly.Module(Uint8Array.from(readFileSync(BINARY)))
    const { exports } = new WebAssembly.Instance(module, { env: { memory } })
    return { ...(exports as unknown as TrailingKernel), memory }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TickerflowError(
      'ENGINE_UNAVAILABLE',
      `The kernel of trailing sums cannot be used: ${reason}. Build it: npm run build:kernels.`,
      { details: { binary: 'trailing' }, cause },
    )
  }
}
