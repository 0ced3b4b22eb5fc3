import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createRandom,
  type PhiloxBlock,
  type PhiloxKey,
  philox4x32,
  philox4x32Into,
  restoreRandom,
} from './random.ts'
import { mean, variance } from './statistics.ts'

const F = 0xffffffff
const PINNED_DRAWS = [0.4381259374876013, -0.530415446187714, 957]

function drawn(count: number, draw: () => number): Float64Array {
  return Float64Array.from({ length: count }, draw)
}

describe('philox4x32', () => {
  const knownAnswers: [PhiloxBlock, PhiloxKey, string][] = [
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[F, F, F, F], [F, F], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    ],
  ]

  test.each(knownAnswers)(
    'enciphers counter %j under key %j as published',
    (counter, key, answer) => {
      const words = philox4x32(counter, key).map((word) => word.toString(16).padStart(8, '0'))
      expect(words.join(' ')).toBe(answer)
    },
  )

  test('writes the same words into an array that is passed, even over the counter itself', () => {
    const block = Uint32Array.of(1, F, 3, 0x80000000)
    const expected = philox4x32([1, F, 3, 0x80000000], [7, F])
    philox4x32Into(block, block, [7, F])
    expect([...block]).toEqual(expected)
  })
})

describe('a stream', () => {
  test('is the same for the same seed and another for another seed', () => {
    const take = (seed: number | string) => {
      const random = createRandom(seed)
      return drawn(20, () => random.uniform())
    }
    expect(take(42)).toEqual(take(42))
    expect(take(42)).toEqual(take('42'))
    expect(take(42)).not.toEqual(take(43))
    expect(take('a')).not.toEqual(take('b'))
    expect(take('')).not.toEqual(take('\0'))
  })

  test('keeps its first draws for ever, so that stored runs can be reproduced', () => {
    const random = createRandom(42)
    expect([random.uniform(), random.normal(), random.integer(1000)]).toEqual(PINNED_DRAWS)
  })

  test('refuses a seed that is not a finite number', () => {
    expect(() => createRandom(NaN)).toThrow(RangeError)
  })

  test('has the moments of the uniform distribution', () => {
    const random = createRandom('moments')
    const values = drawn(40_000, () => random.uniform())
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThan(1)
    expect(mean(values)).toBeCloseTo(0.5, 2)
    expect(variance(values)).toBeCloseTo(1 / 12, 2)
  })

  test('has the moments of the normal distribution', () => {
    const random = createRandom('moments')
    const values = drawn(40_000, () => random.normal())
    expect(Math.abs(mean(values))).toBeLessThan(0.02)
    expect(Math.abs(variance(values) - 1)).toBeLessThan(0.03)
    expect(mean(values.map((z) => z * z * z * z))).toBeCloseTo(3, 0)
  })

  test('draws every integer below the bound about equally often', () => {
    const random = createRandom(7)
    const counts = new Float64Array(6)
    for (let i = 0; i < 12_000; i++) {
      const face = random.integer(6)
      counts[face] = (counts[face] ?? 0) + 1
    }
    // Chi-squared with 5 degrees of freedom: above 20.5 once in a thousand.
    const chiSquared = counts.reduce((sum, n) => sum + (n - 2000) * (n - 2000), 0) / 2000
    expect(chiSquared).toBeLessThan(20.5)
  })

  test('stays below any bound', () => {
    const bounds = fc.oneof(
      fc.integer({ min: 1, max: 100 }),
      fc.maxSafeNat().map((n) => n + 1),
    )
    fc.assert(
      fc.property(bounds, fc.integer(), (below, seed) => {
        const drawnInteger = createRandom(seed).integer(below)
        expect(Number.isInteger(drawnInteger)).toBe(true)
        expect(drawnInteger).toBeGreaterThanOrEqual(0)
        expect(drawnInteger).toBeLessThan(below)
      }),
    )
  })

  test.each([0, -1, 1.5, NaN, 18014398509481984])('refuses the bound %d', (below) => {
    expect(() => createRandom(1).integer(below)).toThrow(RangeError)
  })
})

describe('a restored stream', () => {
  test('goes on with the draws that the other still has to come', () => {
    const draw = [
      (random: ReturnType<typeof createRandom>) => random.uniform(),
      (random: ReturnType<typeof createRandom>) => random.normal(),
      (random: ReturnType<typeof createRandom>) => random.integer(1000),
    ]
    fc.assert(
      fc.property(fc.array(fc.nat(2), { maxLength: 12 }), (draws) => {
        const random = createRandom('restored')
        for (const kind of draws) draw[kind]?.(random)
        const restored = restoreRandom(JSON.parse(JSON.stringify(random.readState())))
        const rest = (stream: typeof random) => [0, 2, 1, 1, 0].map((kind) => draw[kind]?.(stream))
        expect(restored.fork('a').uniform()).toBe(random.fork('a').uniform())
        expect(rest(restored)).toEqual(rest(random))
      }),
    )
  })
})

describe('a fork', () => {
  test('does not depend on what its parent drew, nor the parent on its forks', () => {
    const [quiet, busy] = [createRandom(5), createRandom(5)]
    const before = quiet.fork('child').uniform()
    drawn(13, () => busy.normal())
    expect(busy.fork('child').uniform()).toBe(before)
    expect(quiet.uniform()).toBe(createRandom(5).uniform())
  })

  test('differs by label, by parent and by depth', () => {
    const root = createRandom(5)
    const first = [
      root,
      root.fork('a'),
      root.fork('b'),
      root.fork(''),
      root.fork('a').fork('b'),
      root.fork('b').fork('a'),
      root.fork('ab'),
      createRandom(6).fork('a'),
      createRandom('5a'),
    ].map((random) => random.uniform())
    expect(new Set(first).size).toBe(first.length)
  })

  test('is uncorrelated with its siblings and its parent', () => {
    const root = createRandom(1)
    const streams = [root, root.fork(0), root.fork(1)].map((random) =>
      drawn(20_000, () => random.normal()),
    )
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const products = streams[i]?.map((value, k) => value * (streams[j]?.[k] ?? NaN))
      expect(Math.abs(mean(products ?? []))).toBeLessThan(0.03)
    }
  })
})
