/** Which kernel binary runs: only one whose arithmetic is what its name says. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type KernelBinary, loadKernels } from '../../src/lstm/wasm-kernels.ts'

/** (1 + 2⁻¹²)² - (1 + 2⁻¹¹): 2⁻²⁴ when rounded once, 0 when the square is rounded first. */
function probe(binary: KernelBinary): number {
  const { multiplyAdd } = loadKernels(binary).instantiate(new WebAssembly.Memory({ initial: 1 }))
  return multiplyAdd(1 + 1 / 4096, 1 + 1 / 4096, -(1 + 1 / 2048))
}

test('the multiply-add of the relaxed binary rounds once, that of the plain one twice', () => {
  expect(probe('relaxed-simd')).toBe(1 / 16777216)
  expect(probe('simd')).toBe(0)
})

/** The modules anew, on a machine whose WebAssembly has these members. */
async function enginesWith(members: Readonly<Record<string, unknown>>) {
  const descriptors = Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, { value }]),
  )
  vi.stubGlobal('WebAssembly', Object.create(WebAssembly, descriptors))
  return await import('../../src/lstm/engines.ts')
}

describe('on a machine', () => {
  const { Instance } = WebAssembly

  /** Relaxed instructions are there, but multiply and add separately. */
  class UnfusedInstance {
    readonly exports: WebAssembly.Exports
    constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      const { exports } = new Instance(module, imports)
      const multiplyAdd = (a: number, b: number, c: number) =>
        Math.fround(Math.fround(Math.fround(a) * Math.fround(b)) + Math.fround(c))
      this.exports = { ...exports, multiplyAdd }
    }
  }

  beforeEach(() => {
    vi.resetModules()
  })

  afterEach(() => {
    vi.unstubAllGlobals()
    vi.doUnmock('node:fs')
  })

  test('with fused multiply-add, the choice is the relaxed binary', async () => {
    const { selectEngine } = await enginesWith({})
    expect(selectEngine('auto').name).toBe('wasm-relaxed-simd')
  })

  test('that rounds twice, the choice is the plain binary, and the relaxed one is refused', async () => {
    const { selectEngine } = await enginesWith({ Instance: UnfusedInstance })
    expect(selectEngine('auto').name).toBe('wasm-simd')
    expect(() => selectEngine('wasm-relaxed-simd')).toThrow('its multiply-add rounds twice')
    expect(() => selectEngine('wasm-relaxed-simd')).toThrow(
      expect.objectContaining({ code: 'ENGINE_UNAVAILABLE' }),
    )
  })

  test('without relaxed SIMD, the choice is the plain binary', async () => {
    let asked = 0
    const { selectEngine } = await enginesWith({ validate: () => ++asked > 1 })
    expect(selectEngine('auto').name).toBe('wasm-simd')
  })

  test('without SIMD, it is an error that names the engine that runs everywhere', async () => {
    const { selectEngine } = await enginesWith({ validate: () => false })
    expect(() => selectEngine('auto')).toThrow("The engine 'reference' runs everywhere")
    expect(selectEngine('reference').name).toBe('reference')
  })

  test('where the kernels were not built, the remedy is named', async () => {
    const readFileSync = () => {
      throw new Error('ENOENT')
    }
    vi.doMock('node:fs', () => ({ readFileSync }))
    const { selectEngine } = await enginesWith({})
    expect(() => selectEngine('auto')).toThrow('npm run build:kernels')
  })
})

test('a stored network of an unknown engine is refused with the known ones', async () => {
  const { engineNamed } = await import('../../src/lstm/engines.ts')
  expect(() => engineNamed('wasm-of-tomorrow')).toThrow('known are reference, wasm-simd')
  expect(() => engineNamed('auto')).toThrow('wasm-relaxed-simd')
})
