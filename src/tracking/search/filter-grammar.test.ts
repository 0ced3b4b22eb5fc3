import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTickerflowError } from '../../errors.ts'
import { type Comparison, parseFilter, parseOrderTerm } from './filter-grammar.ts'

describe('parseFilter', () => {
  it('reads comparisons joined by AND, in any case', () => {
    expect(parseFilter("metrics.loss < 0.5 and params.lr = '1e-3' AND start_time >= 12")).toEqual([
      { prefix: 'metrics', key: 'loss', operator: '<', value: 0.5 },
      { prefix: 'params', key: 'lr', operator: '=', value: '1e-3' },
      { prefix: undefined, key: 'start_time', operator: '>=', value: 12 },
    ])
  })

  it('takes no text, or blanks, for no condition', () => {
    expect([parseFilter(''), parseFilter(' \n')]).toEqual([[], []])
  })

  it('reads quoted keys, dots in keys and strings in double quotes', () => {
    expect(
      parseFilter('tags.`a b` = "x" AND params."c.d" != \'y\' AND tags.mlflow.user = \'z\''),
    ).toMatchObject([
      { prefix: 'tags', key: 'a b', value: 'x' },
      { prefix: 'params', key: 'c.d', value: 'y' },
      { prefix: 'tags', key: 'mlflow.user', value: 'z' },
    ])
    expect(parseFilter("`run name` LIKE '%a%'")).toMatchObject([{ key: 'run name' }])
  })

  it('reads lists and tests for NULL', () => {
    expect(
      parseFilter("run_id NOT IN ('a','b') AND status in ('x') AND tags.k IS NOT NULL"),
    ).toEqual([
      { prefix: undefined, key: 'run_id', operator: 'NOT IN', values: ['a', 'b'] },
      { prefix: undefined, key: 'status', operator: 'IN', values: ['x'] },
      { prefix: 'tags', key: 'k', operator: 'IS NOT NULL' },
    ])
  })

  it('needs no blanks around operators, and reads two quotes as one', () => {
    expect(parseFilter("metrics.a>=-1.5e-3 AND params.b='it''s'")).toMatchObject([
      { operator: '>=', value: -0.0015 },
      { value: "it's" },
    ])
  })

  it.each([
    "params.a = '1' OR params.b = '2'",
    'metrics.loss',
    'metrics.loss >',
    'metrics.loss = abc',
    "params.a = 'open",
    "params. = 'x'",
    "= 'x'",
    'status IN ()',
    "status IN ('a'",
    'metrics.a > 1 AND',
    'metrics.a > 1; DROP TABLE runs',
    '(metrics.a > 1)',
  ])('refuses %j', (text) => {
    expect(() => parseFilter(text)).toThrow(
      expect.objectContaining({
        code: 'TRACKING_INVALID',
        message: expect.stringContaining('Invalid clause(s) in filter string'),
      }),
    )
  })

  it('never fails in any other way, whatever the text', () => {
    const pieces = fc.constantFrom(
      ...["'", '"', '`', '.', 'metrics.', 'AND', 'OR', ' ', '=', '<', '(', ')', ',', 'IN', 'NOT'],
      ...['IS', 'NULL', '1', '-', 'e9', '\\', '\0', '🙂', ';', 'LIKE', "''"],
    )
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        for (const parse of [parseFilter, parseOrderTerm]) {
          try {
            parse(text)
          } catch (error) {
            expect(isTickerflowError(error) && error.code).toBe('TRACKING_INVALID')
          }
        }
      }),
      { numRuns: 3000, seed: 1 },
    )
  })

  it('reads back every filter that can be written down', () => {
    fc.assert(
      fc.property(fc.array(comparisons, { maxLength: 5 }), (filter) => {
        expect(parseFilter(filter.map(written).join(' AND '))).toEqual(filter)
      }),
      { seed: 2 },
    )
  })
})

describe('parseOrderTerm', () => {
  it('reads an identifier and a direction', () => {
    expect(parseOrderTerm('metrics.`a b` DESC')).toEqual({
      prefix: 'metrics',
      key: 'a b',
      descending: true,
    })
    expect(parseOrderTerm('start_time')).toMatchObject({ key: 'start_time', descending: false })
    expect(parseOrderTerm('attribute.end_time asc')).toMatchObject({ descending: false })
  })

  it.each(['', 'metrics.a UP', 'a, b', 'a DESC ASC', '1', 'metrics.a > 1'])(
    'refuses %j',
    (text) => {
      expect(() => parseOrderTerm(text)).toThrow(/Invalid clause\(s\) in order_by clause/)
    },
  )
})

const values = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
)
const identifiers = fc.record({
  prefix: fc.constantFrom(undefined, 'metrics', 'tags', 'params', 'attributes'),
  key: fc.string({ minLength: 1, unit: 'binary' }).filter((key) => !key.includes('`')),
})
const operations = fc.oneof(
  fc.record({
    operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>=', 'LIKE', 'ILIKE'),
    value: values,
  }),
  fc.record({
    operator: fc.constantFrom('IN', 'NOT IN'),
    values: fc.array(values, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ operator: fc.constantFrom('IS NULL', 'IS NOT NULL') }),
)
const comparisons = fc
  .tuple(identifiers, operations)
  .map(([identifier, operation]) => ({ ...identifier, ...operation }) as Comparison)

function written(comparison: Comparison): string {
  const { prefix, key, operator } = comparison
  const left = `${prefix === undefined ? '' : `${prefix}.`}\`${key}\` ${operator}`
  if ('values' in comparison) return `${left} (${comparison.values.map(literal).join(', ')})`
  return 'value' in comparison ? `${left} ${literal(comparison.value)}` : left
}

function literal(value: string | number): string {
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`
}
