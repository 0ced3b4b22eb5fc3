/** What a page shows while it waits, when it fails, and when there is nothing. */
import type { ReactNode } from 'react'
import type { Asked } from '../use-answer.ts'

export function Waiting() {
  return <p className="hint">Loading…</p>
}

export function Failure({ error }: { readonly error: Error }) {
  return (
    <p role="alert" className="failure">
      {error.message}
    </p>
  )
}

export function Empty({ children }: { readonly children: ReactNode }) {
  return <p className="empty">{children}</p>
}

interface ShownProps<Answer> {
  readonly asked: Asked<Answer>
  readonly children: (answer: Answer) => ReactNode
}

/** The answer once it is there; an older one stays when asking again fails. */
export function Shown<Answer>({ asked: { answer, error, again }, children }: ShownProps<Answer>) {
  return (
    <>
      {error !== undefined && (
        <div>
          <Failure error={error} />
          <button type="button" onClick={again}>
            Try again
          </button>
        </div>
      )}
      {answer === undefined ? error === undefined && <Waiting /> : children(answer)}
    </>
  )
}
