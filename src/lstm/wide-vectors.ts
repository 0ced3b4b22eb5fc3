/**
 * Lets V8 join neighbouring 128-bit vectors of the kernels to 256 bits, which WebAssembly itself does
 * not have. Every lane does what it did before, so results keep their bits; only time changes.
 */
import { setFlagsFromString } from 'node:v8'

/** Known to V8 since 12; off by default there, because WebAssembly at large is not tested with it. */
const FLAG = '--experimental-wasm-revectorize'
const FIRST_V8_MAJOR = 13

let asked = false

/**
 * Must come before the kernels run for the first time, and holds for the whole process.
 *
 * @returns Whether wide tiles may pay off here: x64, and a V8 that knows how to join vectors. Whether
 *   they do, `wideTilesPay` measures.
 */
export function enableWideVectors(): boolean {
  const major = Number(process.versions.v8.split('.')[0])
  if (process.arch !== 'x64' || major < FIRST_V8_MAJOR) return false
  if (!asked) setFlagsFromString(FLAG)
  asked = true
  return true
}
