import 'uplot/dist/uPlot.min.css'
import 'virtual:report.css'
import './page.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { applyTheme, readSettings } from './settings.ts'

applyTheme(readSettings().theme)
const page = document.getElementById('page')!
page.replaceChildren()
render(<App />, page)
