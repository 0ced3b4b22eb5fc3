/** What the doctor says of one thing. */

export interface DoctorFinding {
  /** Such as `node` or `store`. */
  readonly check: string
  readonly verdict: 'ok' | 'warning' | 'failure'
  /** What was found. */
  readonly found: string
  /** What to do about it; none where all is well. */
  readonly advice?: string
}

export const ok = (check: string, found: string): DoctorFinding => ({ check, verdict: 'ok', found })

export const warning = (check: string, found: string, advice: string): DoctorFinding => ({
  ...{ check, verdict: 'warning', found, advice },
})

export const failure = (check: string, found: string, advice: string): DoctorFinding => ({
  ...{ check, verdict: 'failure', found, advice },
})

/** The error's own words: they say what to do. */
export function failureOf(check: string, error: unknown): DoctorFinding {
  const found = error instanceof Error ? error.message : String(error)
  return { check, verdict: 'failure', found }
}
