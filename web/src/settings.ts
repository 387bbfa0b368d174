import type { Language } from '../../src/report/render-message.ts'

export type Theme = 'auto' | 'light' | 'dark'

export interface Settings {
  readonly lang: Language
  readonly theme: Theme
}

const KEY = 'peerway'

/** What was chosen on this browser; else what the browser prefers. */
export function readSettings(): Settings {
  const preferred = { lang: navigator.language.startsWith('fr') ? 'fr' : 'en', theme: 'auto' } as const
  try {
    const { lang, theme } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>
    return {
      lang: lang === 'en' || lang === 'fr' ? lang : preferred.lang,
      theme: theme === 'light' || theme === 'dark' ? theme : preferred.theme,
    }
  } catch {
    return preferred
  }
}

/** Without a place to keep them they hold for this page. */
export function keepSettings(settings: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings))
  } catch {
    // Private windows may have none.
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}
