/** Whoever acts: the account that runs the program, or the person that `--as` names. */
import type { Application } from '../pipeline/application.ts'

export interface ActingPerson {
  readonly name: string
  /** The account, for the record, when the name was given by hand. */
  readonly account?: string
}

export function actingPerson(app: Application, as: string | undefined): ActingPerson {
  return as === undefined || as === app.user ? { name: app.user } : { name: as, account: app.user }
}
