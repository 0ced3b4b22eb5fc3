/** The jobs that the configuration asks for, with the times at which they are due. */
import type { Config } from '../../config.ts'
import { createCalendar } from '../../market/calendar.ts'
import { parseSymbol } from '../../market/symbol.ts'
import { parseDueRule } from './due-times.ts'
import { JOB_KINDS } from './job-kinds.ts'
import type { ScheduleEntry } from './scheduler.ts'

export interface ScheduledJob extends ScheduleEntry {
  readonly rule: string
}

/** @throws {TickerflowError} CONFIG_INVALID on a rule that is none. */
export function scheduledJobs(config: Config): readonly ScheduledJob[] {
  const { schedule } = config
  // What the data say of sessions to come, weekdays say too.
  const calendar = createCalendar(config.calendar === 'data' ? 'weekdays' : config.calendar)
  const symbols = (schedule.symbols ?? [config.symbol]).map(parseSymbol)
  return JOB_KINDS.flatMap((kind) => {
    const rule = schedule[kind]
    if (rule === null) return []
    const due = parseDueRule(rule, calendar)
    // A backup is of the whole store: one is enough.
    const concerned = kind === 'backup' ? symbols.slice(0, 1) : symbols
    return concerned.map((symbol) => ({ kind, symbol, rule, due }))
  })
}
