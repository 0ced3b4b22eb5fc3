import { useState } from 'react'
import { call, type Session } from '../api.ts'
import type { Connection } from '../happenings.ts'
import { applyTheme, storedTheme, type Theme } from '../theme.ts'

const PAGES = [
  ['', 'Overview'],
  ['symbols', 'Symbols'],
  ['models', 'Models'],
  ['runs', 'Runs'],
  ['monitoring', 'Monitoring'],
  ['alerts', 'Alerts'],
  ['ledger', 'Ledger'],
  ['jobs', 'Jobs'],
] as const

const CONNECTION_WORDS: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'Connection lost; trying again',
}

interface HeaderProps {
  readonly page: string
  readonly session: Session
  readonly connection: Connection
  readonly onSession: (session: Session) => void
}

export function Header({ page, session, connection, onSession }: HeaderProps) {
  const signOut = async () => onSession(await call('signOut'))
  return (
    <header>
      <span className="brand">Tickerflow</span>
      <nav aria-label="Pages">
        {PAGES.map(([path, title]) => (
          <a key={path} href={`#/${path}`} aria-current={page === path ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <div className="who">
        <span className={`connection ${connection}`}>{CONNECTION_WORDS[connection]}</span>
        <ThemeChoice />
        {session.needsSignIn && (
          <>
            <span title={session.principal ?? ''}>{session.principal?.split(':').at(-1)}</span>
            <button type="button" onClick={() => void signOut()}>
              Sign out
            </button>
          </>
        )}
      </div>
    </header>
  )
}

function ThemeChoice() {
  const [theme, setTheme] = useState(storedTheme)
  const choose = (chosen: Theme) => {
    applyTheme(chosen)
    setTheme(chosen)
  }
  return (
    <select
      aria-label="Colours"
      value={theme}
      onChange={({ target }) => choose(target.value as Theme)}
    >
      <option value="system">System colours</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  )
}
