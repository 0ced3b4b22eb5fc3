import { type FormEvent, useState } from 'react'
import { call, type Session } from '../api.ts'
import { Failure } from './states.tsx'

export function SignIn({ onSession }: { readonly onSession: (session: Session) => void }) {
  const [credential, setCredential] = useState('')
  const [error, setError] = useState<Error>()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    call('signIn', { body: { credential } }).then(onSession, setError)
  }
  return (
    <main>
      <h1>Sign in to Tickerflow</h1>
      <form onSubmit={submit} className="card narrow">
        <label>
          API key or token
          <input
            type="password"
            autoComplete="current-password"
            required
            value={credential}
            onChange={({ target }) => setCredential(target.value)}
          />
        </label>
        <button type="submit">Sign in</button>
        <p className="hint">
          <code>tickerflow keys create --name NAME --scope admin</code> makes a key.
        </p>
        {error !== undefined && <Failure error={error} />}
      </form>
    </main>
  )
}
