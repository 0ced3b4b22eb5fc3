/** An answer of the server as a component's state, asked for again when something has happened. */
import { useCallback, useEffect, useState } from 'react'
import type { CallArguments } from '../serving/client/client.ts'
import type { Operations } from '../serving/client/operations.ts'
import { call } from './api.ts'
import { onHappening } from './happenings.ts'

export interface Asked<Answer> {
  readonly answer: Answer | undefined
  readonly error: Error | undefined
  readonly again: () => void
}

export function useAnswer<Id extends keyof Operations>(
  operation: Id,
  given: CallArguments<Id> = {},
): Asked<Operations[Id]['answer']> {
  const question = JSON.stringify(given)
  const [answer, setAnswer] = useState<Operations[Id]['answer']>()
  const [error, setError] = useState<Error>()
  const [round, setRound] = useState(0)
  const again = useCallback(() => setRound((before) => before + 1), [])
  useEffect(() => onHappening(again), [again])
  // A new round asks again.
  useEffect(() => {
    let isCurrent = true
    call(operation, JSON.parse(question) as CallArguments<Id>).then(
      (received) => {
        if (!isCurrent) return
        setAnswer(received)
        setError(undefined)
      },
      (reason: unknown) => {
        if (isCurrent) setError(reason instanceof Error ? reason : new Error(String(reason)))
      },
    )
    return () => {
      isCurrent = false
    }
  }, [operation, question, round])
  return { answer, error, again }
}
