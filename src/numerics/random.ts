/**
 * Seeded random numbers that can be split: a counter-based generator, so that a stream depends on
 * its seed and labels alone, never on what other streams drew or in which order threads ran.
 */
import { log } from './elementary.ts'

export interface Random {
  /** Uniform on [0, 1), a multiple of 2^-53. */
  uniform(): number
  /** Standard normal. */
  normal(): number
  /** Uniform on 0 … below - 1, without bias; `below` from 1 to 2^53. */
  integer(below: number): number
  /**
   * An independent stream named by `label`; the same whatever was drawn from this one before.
   * A number and its decimal text name the same stream.
   */
  fork(label: string | number): Random
  /** Where the stream stands, as plain data that `restoreRandom` goes on from. */
  readState(): RandomState
}

/** A stream's name, and how far it has been drawn from. */
export interface RandomState {
  readonly name: PhiloxBlock
  /** Blocks made so far. */
  readonly blocks: number
  /** Words of the last block already handed out, 0 to 4. */
  readonly used: number
  /** The second normal of the last pair, where it is still to come. */
  readonly spare: number | null
}

/** Four 32-bit words: a counter, an output block, or the name of a stream. */
export type PhiloxBlock = readonly [number, number, number, number]
/** Two 32-bit words. */
export type PhiloxKey = readonly [number, number]

const MULTIPLIER_A = 0xd2511f53
const MULTIPLIER_B = 0xcd9e8d57
const KEY_STEP_A = 0x9e3779b9
const KEY_STEP_B = 0xbb67ae85
const ROUNDS = 10
const TWO_TO_32 = 4294967296
const LARGEST_BOUND = 9007199254740992

/** A seed's or label's text is absorbed under this key, a fork's parent under the next one. */
const ABSORB_KEY: PhiloxKey = [0x7469636b, 0x666c6f77]

/**
 * Philox 4x32-10: a bijection of 128-bit counters under a 64-bit key, indistinguishable from random.
 *
 * @param counter Four words, each 0 … 2^32 - 1.
 * @returns Four words, each 0 … 2^32 - 1.
 *
 * Source: Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
 */
export function philox4x32(counter: PhiloxBlock, key: PhiloxKey): [number, number, number, number] {
  const out: [number, number, number, number] = [0, 0, 0, 0]
  philox4x32Into(out, counter, key)
  return out
}

/**
 * `philox4x32` without allocating: writes its four words to `out`, which may be `counter` itself.
 *
 * @param out Four elements: a Uint32Array, or an array of numbers.
 */
export function philox4x32Into(
  out: { [word: number]: number },
  counter: { readonly [word: number]: number },
  key: PhiloxKey,
): void {
  let c0 = counter[0] as number
  let c1 = counter[1] as number
  let c2 = counter[2] as number
  let c3 = counter[3] as number
  let k0 = key[0]
  let k1 = key[1]
  for (let round = 0; round < ROUNDS; round++) {
    const highA = multiplyHigh(MULTIPLIER_A, c0)
    const lowA = Math.imul(MULTIPLIER_A, c0)
    const highB = multiplyHigh(MULTIPLIER_B, c2)
    const lowB = Math.imul(MULTIPLIER_B, c2)
    c0 = (highB ^ c1 ^ k0) >>> 0
    c1 = lowB >>> 0
    c2 = (highA ^ c3 ^ k1) >>> 0
    c3 = lowA >>> 0
    k0 = (k0 + KEY_STEP_A) >>> 0
    k1 = (k1 + KEY_STEP_B) >>> 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/** Upper 32 bits of the 64-bit product of two unsigned words, as a signed word. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = aLow * bHigh + (middle % 65536)
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) | 0
}

/**
 * Starts a stream.
 *
 * @param seed Any finite number or text; 42 and '42' are the same seed.
 * @throws {RangeError} When a number is not finite.
 */
export function createRandom(seed: number | string): Random {
  return new PhiloxRandom(absorb([0, 0, 0, 0], seed))
}

/** A stream that goes on exactly where the other stood. */
export function restoreRandom(state: RandomState): Random {
  return new PhiloxRandom(state.name, state)
}

/** Mixes text into a stream's name: each chunk of UTF-16 units is enciphered with what came before. */
function absorb(start: PhiloxBlock, label: string | number): PhiloxBlock {
  if (typeof label === 'number' && !Number.isFinite(label)) {
    throw new RangeError(`A seed or label must be text or a finite number, received ${label}`)
  }
  const text = String(label)
  let state = philox4x32([start[0], start[1], start[2], (start[3] ^ text.length) >>> 0], ABSORB_KEY)
  for (let at = 0; at < text.length; at += 4) {
    const mixed = philox4x32(
      [
        (state[0] ^ codeUnit(text, at)) >>> 0,
        (state[1] ^ codeUnit(text, at + 1)) >>> 0,
        (state[2] ^ codeUnit(text, at + 2)) >>> 0,
        (state[3] ^ codeUnit(text, at + 3)) >>> 0,
      ],
      ABSORB_KEY,
    )
    state = [
      (mixed[0] ^ state[0]) >>> 0,
      (mixed[1] ^ state[1]) >>> 0,
      (mixed[2] ^ state[2]) >>> 0,
      (mixed[3] ^ state[3]) >>> 0,
    ]
  }
  return state
}

function codeUnit(text: string, at: number): number {
  return at < text.length ? text.charCodeAt(at) : 0
}

/** A stream's name gives the key and the upper half of the counter; the lower half counts blocks. */
class PhiloxRandom implements Random {
  readonly #name: PhiloxBlock
  readonly #key: PhiloxKey
  #blocks = 0
  #block: PhiloxBlock = [0, 0, 0, 0]
  /** Words of `#block` already handed out. */
  #used = 4
  /** The second normal of the last pair; NaN when there is none. */
  #spare = NaN

  constructor(name: PhiloxBlock, state?: RandomState) {
    this.#name = name
    this.#key = [name[0], name[1]]
    if (state === undefined) return
    if (state.blocks > 0) {
      this.#blocks = state.blocks - 1
      this.#refill()
    }
    this.#used = state.used
    this.#spare = state.spare ?? NaN
  }

  uniform(): number {
    const high = this.#word() >>> 5
    const low = this.#word() >>> 6
    return (high * 67108864 + low) / LARGEST_BOUND
  }

  /** Marsaglia's polar method (Marsaglia & Bray 1964). */
  normal(): number {
    const spare = this.#spare
    if (!Number.isNaN(spare)) {
      this.#spare = NaN
      return spare
    }
    for (;;) {
      const u = 2 * this.uniform() - 1
      const v = 2 * this.uniform() - 1
      const s = u * u + v * v
      if (s >= 1 || s === 0) continue
      const factor = Math.sqrt((-2 * log(s)) / s)
      this.#spare = v * factor
      return u * factor
    }
  }

  integer(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > LARGEST_BOUND) {
      throw new RangeError(`Expected an integer bound from 1 to 2^53, received ${below}`)
    }
    const narrow = below <= TWO_TO_32
    const span = narrow ? TWO_TO_32 : LARGEST_BOUND
    const limit = span - (span % below)
    for (;;) {
      const draw = narrow ? this.#word() : this.uniform() * LARGEST_BOUND
      if (draw < limit) return draw % below
    }
  }

  fork(label: string | number): Random {
    return new PhiloxRandom(absorb(this.#name, label))
  }

  readState(): RandomState {
    const spare = Number.isNaN(this.#spare) ? null : this.#spare
    return { name: this.#name, blocks: this.#blocks, used: this.#used, spare }
  }

  #word(): number {
    if (this.#used === 4) this.#refill()
    return this.#block[this.#used++] as number
  }

  #refill(): void {
    const high = Math.floor(this.#blocks / TWO_TO_32)
    const counter: PhiloxBlock = [this.#blocks >>> 0, high, this.#name[2], this.#name[3]]
    this.#block = philox4x32(counter, this.#key)
    this.#blocks += 1
    this.#used = 0
  }
}
