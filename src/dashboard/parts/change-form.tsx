/** Promote a version, or put back what was live. */
import { type FormEvent, useState } from 'react'
import { call } from '../api.ts'
import { Failure } from './states.tsx'

interface ChangeFormProps {
  readonly name: string
  readonly versions: readonly number[]
}

export function ChangeForm({ name, versions }: ChangeFormProps) {
  const [version, setVersion] = useState(versions[0] ?? 1)
  const [reason, setReason] = useState('')
  const [error, setError] = useState<Error>()
  const [done, setDone] = useState('')
  const settle = (change: Promise<string>) => {
    setDone('')
    change.then((words) => {
      setDone(words)
      setReason('')
      setError(undefined)
    }, setError)
  }
  const promote = async () => {
    const { promotions } = await call('promoteVersion', {
      path: { name },
      body: { version, to: 'production' },
    })
    return promotions
      .map((one) => `Version ${one.version}, ${one.environment}: ${one.state}.`)
      .join(' ')
  }
  const rollBack = async () => {
    const one = await call('rollBack', {
      path: { name },
      body: { environment: 'production', reason },
    })
    return `Version ${one.version} is live again.`
  }
  const submit = (event: FormEvent, change: () => Promise<string>) => {
    event.preventDefault()
    settle(change())
  }
  return (
    <section aria-label="Change what is live">
      <h2>Change what is live</h2>
      <form className="actions" onSubmit={(event) => submit(event, promote)}>
        <label>
          Version
          <select value={version} onChange={({ target }) => setVersion(Number(target.value))}>
            {versions.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <button type="submit">Put to the gate for Production</button>
      </form>
      <form className="actions" onSubmit={(event) => submit(event, rollBack)}>
        <label>
          Reason to roll back
          <input required value={reason} onChange={({ target }) => setReason(target.value)} />
        </label>
        <button type="submit">Roll Production back</button>
      </form>
      {done !== '' && <p role="status">{done}</p>}
      {error !== undefined && <Failure error={error} />}
    </section>
  )
}
