/** The chi-squared distribution. */
import { regularisedGammaP, regularisedGammaQ } from './special.ts'

/** P(X > x) for X chi-squared with `df` > 0 degrees of freedom; 1 for x <= 0. */
export function chiSquaredSurvival(x: number, df: number): number {
  return x <= 0 ? 1 : regularisedGammaQ(df / 2, x / 2)
}

/** P(X <= x); 0 for x <= 0. */
export function chiSquaredCdf(x: number, df: number): number {
  return x <= 0 ? 0 : regularisedGammaP(df / 2, x / 2)
}
