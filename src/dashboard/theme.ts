/** Light or dark: the system's preference unless a person has chosen. */

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'tickerflow-theme'

export function storedTheme(): Theme {
  const text = localStorage.getItem(KEY)
  return text === 'light' || text === 'dark' ? text : 'system'
}

export function applyTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme)
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  window.dispatchEvent(new Event(THEME_EVENT))
}

/** Charts draw their own colours and listen for it. */
export const THEME_EVENT = 'tickerflow-theme'

/** A colour of the style sheet, such as `--accent`. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
