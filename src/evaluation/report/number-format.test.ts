import { expect, test } from 'vitest'
import {
  formatBasisPoints,
  formatCount,
  formatLongDate,
  formatLongDay,
  formatNumber,
  formatP,
  formatPercent,
  formatPrice,
  formatSigned,
  formatSignedPercent,
  priceTickFormat,
} from './number-format.ts'

test('groups thousands, and writes a true minus and no negative zero', () => {
  expect(formatNumber(1234567.891, 2)).toBe('1,234,567.89')
  expect(formatNumber(-0.5, 1)).toBe('−0.5')
  expect(formatNumber(-0.001, 2)).toBe('0.00')
  expect(formatNumber(999, 0)).toBe('999')
  expect(formatNumber(0.000123456, 7)).toBe('0.0001235')
})

test('writes a dash for what is not a number', () => {
  for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(formatNumber(value, 2)).toBe('–')
    expect(formatPercent(value)).toBe('–')
    expect(formatSigned(value, 1)).toBe('–')
    expect(formatPrice(value, '$')).toBe('–')
    expect(formatP(value)).toBe('–')
  }
})

test('writes signs, percents, basis points and prices', () => {
  expect(formatSigned(0, 1)).toBe('0.0')
  expect(formatSigned(2.25, 1)).toBe('+2.3')
  expect(formatPercent(0.792)).toBe('79.2\u202f%')
  expect(formatSignedPercent(-0.0053)).toBe('−0.53\u202f%')
  expect(formatBasisPoints(0.012295)).toBe('122.95')
  expect(formatPrice(1430.5, '$')).toBe('$1,430.50')
  expect(formatPrice(-0.25, '$&')).toBe('−$&0.2500')
})

test('writes small p-values as a bound', () => {
  expect(formatP(0.0004)).toBe('<\u00a00.001')
  expect(formatP(0.0414)).toBe('0.041')
  expect(formatP(1)).toBe('1.000')
})

test('writes dates and counts in words', () => {
  expect(formatLongDate('2005-01-03')).toBe('3\u00a0January 2005')
  expect(formatLongDate('yesterday')).toBe('yesterday')
  expect(formatLongDay(15765)).toBe('1\u00a0March 2013')
  expect(formatCount(1, 'day')).toBe('1 day')
  expect(formatCount(2013, 'day')).toBe('2,013 days')
})

test('gives an axis of prices no more decimals than its spread needs', () => {
  expect(priceTickFormat([400, 500], '$')(450)).toBe('$450')
  expect(priceTickFormat([11, 13], '$')(11.5)).toBe('$11.50')
  expect(priceTickFormat([0.011, 0.013], '$')(0.012)).toBe('$0.0120')
})
