/** The frame of all pages: navigation, sign-in, what has just happened. */
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { call, keepSession, type Session } from './api.ts'
import { type Connection, connect, onHappening, wordsOf } from './happenings.ts'
import { Overview } from './pages/overview.tsx'
import { Header } from './parts/header.tsx'
import { SignIn } from './parts/sign-in.tsx'
import { Failure, Waiting } from './parts/states.tsx'
import { useRoute } from './route.ts'

const SymbolPage = lazy(async () => ({ default: (await import('./pages/symbol.tsx')).SymbolPage }))
const Runs = lazy(async () => ({ default: (await import('./pages/runs.tsx')).Runs }))
const Models = lazy(async () => ({ default: (await import('./pages/models.tsx')).Models }))
const Monitoring = lazy(async () => ({
  default: (await import('./pages/monitoring.tsx')).Monitoring,
}))
const Ledger = lazy(async () => ({ default: (await import('./pages/ledger.tsx')).Ledger }))
const Alerts = lazy(async () => ({ default: (await import('./pages/alerts.tsx')).Alerts }))
const Jobs = lazy(async () => ({ default: (await import('./pages/jobs.tsx')).Jobs }))

export function App() {
  const [session, setSession] = useState<Session>()
  const [error, setError] = useState<Error>()
  const take = useCallback((received: Session) => setSession(keepSession(received)), [])
  useEffect(() => {
    call('getSession').then(take, setError)
  }, [take])
  if (error !== undefined)
    return (
      <main>
        <Failure error={error} />
      </main>
    )
  if (session === undefined)
    return (
      <main>
        <Waiting />
      </main>
    )
  if (session.principal === null) return <SignIn onSession={take} />
  return <Frame session={session} onSession={take} />
}

interface FrameProps {
  readonly session: Session
  readonly onSession: (session: Session) => void
}

function Frame({ session, onSession }: FrameProps) {
  const route = useRoute()
  const [connection, setConnection] = useState<Connection>('connecting')
  const [news, setNews] = useState('')
  useEffect(() => connect(setConnection), [])
  useEffect(() => onHappening((happening) => setNews(wordsOf(happening))), [])
  return (
    <>
      <button type="button" className="skip" onClick={skipToMain}>
        Skip to content
      </button>
      <Header
        page={route[0] ?? ''}
        session={session}
        connection={connection}
        onSession={onSession}
      />
      <p className="news" role="status" aria-live="polite">
        {news}
      </p>
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<Waiting />}>
          <Page route={route} session={session} />
        </Suspense>
      </main>
    </>
  )
}

function Page({
  route,
  session,
}: {
  readonly route: readonly string[]
  readonly session: Session
}) {
  const [page = '', what] = route
  if (page === '') return <Overview />
  if (page === 'symbols') return <SymbolPage key={what} symbol={what} />
  if (page === 'runs') return <Runs />
  if (page === 'models') return <Models key={what} name={what} session={session} />
  if (page === 'monitoring') return <Monitoring key={what} name={what} />
  if (page === 'alerts') return <Alerts />
  if (page === 'ledger') return <Ledger />
  if (page === 'jobs') return <Jobs />
  return (
    <>
      <h1>No such page</h1>
      <p>
        <a href="#/">To the overview</a>
      </p>
    </>
  )
}

/** Not a link: the address belongs to the pages. */
function skipToMain(): void {
  document.getElementById('main')?.focus()
}
