/** Puts the dashboard into its page. */
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import './style.css'
import { applyTheme, storedTheme } from './theme.ts'

applyTheme(storedTheme())
const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<App />)
