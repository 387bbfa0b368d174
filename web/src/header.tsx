import type { Settings, Theme } from './settings.ts'
import { useWords } from './words.ts'

/** Each in its own language. */
const LANGUAGES = { en: 'English', fr: 'Français' } as const
const THEMES: readonly Theme[] = ['auto', 'light', 'dark']

interface HeaderProps {
  readonly settings: Settings
  readonly onChange: (settings: Settings) => void
}

export function Header({ settings, onChange }: HeaderProps) {
  const { say } = useWords()
  return (
    <header class="top">
      <span class="name">peerway</span>
      <select
        aria-label={say('page.language')}
        value={settings.lang}
        onChange={({ currentTarget }) => onChange({ ...settings, lang: currentTarget.value as Settings['lang'] })}
      >
        {Object.entries(LANGUAGES).map(([lang, name]) => (
          <option value={lang} lang={lang} key={lang}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={say('page.theme')}
        value={settings.theme}
        onChange={({ currentTarget }) => onChange({ ...settings, theme: currentTarget.value as Theme })}
      >
        {THEMES.map((theme) => (
          <option value={theme} key={theme}>
            {say(`page.theme-${theme}`)}
          </option>
        ))}
      </select>
    </header>
  )
}
