/** Finds, checks and instantiates the WebAssembly binaries that `scripts/build-kernels.ts` makes. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { TickerflowError } from '../errors.ts'

/** Two binaries from one source: with and without fused multiply-add. */
export type KernelBinary = 'simd' | 'relaxed-simd'

/**
 * The exports of the binaries. Pointers are byte addresses; letters are sizes as in kernels/forward.ts.
 * Nothing is checked inside: callers pass only what `planMemory` has laid out.
 */
export interface LstmKernels {
  gatherWindows(
    rows: number,
    F: number,
    ends: number,
    windows: number,
    T: number,
    B: number,
    D: number,
    pairs: number,
    quads: number,
  ): void
  dropInput(
    T: number,
    B: number,
    D: number,
    layer: number,
    firstWindow: number,
    step: number,
    key0: number,
    key1: number,
    threshold: number,
    scale: number,
    below: number,
    quads: number,
    pairs: number,
    factors: number,
  ): void
  forwardLayer(
    wide: number,
    T: number,
    B: number,
    D: number,
    H: number,
    weights: number,
    bias: number,
    inputPairs: number,
    gates: number,
    cell: number,
    cellTanh: number,
    hiddenPairs: number,
    hiddenQuads: number,
  ): void
  backwardLayer(
    wide: number,
    fromAbove: number,
    T: number,
    B: number,
    D: number,
    H: number,
    transposed: number,
    transposedInput: number,
    gates: number,
    cell: number,
    cellTanh: number,
    hiddenGradient: number,
    cellGradient: number,
    inputGradient: number,
    biasGradient: number,
    tile: number,
  ): void
  addWeightGradients(
    wide: number,
    T: number,
    B: number,
    D: number,
    H: number,
    gates: number,
    inputQuads: number,
    hiddenQuads: number,
    gradient: number,
  ): void
  transposeWeights(
    wide: number,
    columns: number,
    from: number,
    K: number,
    H: number,
    weights: number,
    transposed: number,
  ): void
  forwardHead(
    windows: number,
    B: number,
    H: number,
    K: number,
    weight: number,
    bias: number,
    hidden: number,
    outputs: number,
  ): void
  backwardHead(
    B: number,
    H: number,
    K: number,
    weight: number,
    hidden: number,
    outputGradients: number,
    weightGradient: number,
    biasGradient: number,
    hiddenGradient: number,
  ): void
  inferLayer(
    T: number,
    F: number,
    D: number,
    H: number,
    weights: number,
    bias: number,
    x: number,
    xBytes: number,
    cell: number,
    hidden: number,
  ): void
  addVector(n: number, a: number, b: number): void
  multiplyVector(n: number, a: number, b: number): void
  sumVectors(n: number, out: number, a: number, b: number): void
  sumOfSquares(n: number, a: number): number
  adamwStep(
    n: number,
    parameters: number,
    gradients: number,
    firstMoment: number,
    secondMoment: number,
    gradientScale: number,
    beta1: number,
    rest1: number,
    beta2: number,
    rest2: number,
    shrink: number,
    stepSize: number,
    rootScale: number,
    epsilon: number,
  ): void
  multiplyAdd(a: number, b: number, c: number): number
  hyperbolicTangent(x: number): number
}

/** A binary that runs here. */
export interface LoadedKernels {
  readonly binary: KernelBinary
  /** SHA-256 (hex) of the binary. */
  readonly digest: string
  instantiate(memory: WebAssembly.Memory): LstmKernels
}

/** The package's root is two folders up from src/lstm and from dist/lstm alike. */
const BINARY_FOLDER = new URL('../../build/kernels/', import.meta.url)

const loaded = new Map<KernelBinary, LoadedKernels>()

/**
 * The binary of that kind, compiled once per thread.
 *
 * @throws {TickerflowError} ENGINE_UNAVAILABLE when it was not built, when this JavaScript engine does
 *   not know its instructions, or when its multiply-add does not fuse.
 */
export function loadKernels(binary: KernelBinary): LoadedKernels {
  const known = loaded.get(binary)
  if (known) return known
  const bytes = readBinary(binary)
  if (!WebAssembly.validate(bytes)) {
    throw unavailable(binary, 'this JavaScript engine does not know its instructions')
  }
  const kernels = compileKernels(binary, bytes)
  if (binary === 'relaxed-simd' && !fuses(kernels)) {
    throw unavailable(binary, 'its multiply-add rounds twice on this processor')
  }
  loaded.set(binary, kernels)
  return kernels
}

function readBinary(binary: KernelBinary): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(readFileSync(new URL(`lstm-${binary}.wasm`, BINARY_FOLDER)))
  } catch (cause) {
    throw unavailable(binary, 'it was not built: run npm run build:kernels', cause)
  }
}

function compileKernels(binary: KernelBinary, bytes: Uint8Array<ArrayBuffer>): LoadedKernels {
  const module = new WebAssembly.Module(bytes)
  return {
    binary,
    digest: createHash('sha256').update(bytes).digest('hex'),
    instantiate(memory) {
      const { exports } = new WebAssembly.Instance(module, { env: { memory } })
      return exports as unknown as LstmKernels
    },
  }
}

/** (1 + 2⁻¹²)² - (1 + 2⁻¹¹) is 2⁻²⁴ rounded once, and 0 when the square is rounded first. */
function fuses(kernels: LoadedKernels): boolean {
  const { multiplyAdd } = kernels.instantiate(new WebAssembly.Memory({ initial: 1 }))
  return multiplyAdd(1 + 1 / 4096, 1 + 1 / 4096, -(1 + 1 / 2048)) === 1 / 16777216
}

function unavailable(binary: KernelBinary, reason: string, cause?: unknown): TickerflowError {
  return new TickerflowError(
    'ENGINE_UNAVAILABLE',
    `The LSTM kernels '${binary}' cannot be used: ${reason}. The engine 'reference' runs everywhere`,
    { details: { binary }, cause },
  )
}
