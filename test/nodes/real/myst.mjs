// Stands in for a Mysterium node, and is none: it answers two questions of its API as the real one does, and has its name.
import { once } from 'node:events'
import { createServer } from 'node:http'

process.title = 'myst'
const ANSWERS = {
  '/healthcheck': { uptime: '1h', process: process.pid, version: '1.30.0' },
  '/services': [],
}
const server = createServer(({ url }, response) => response.end(JSON.stringify(ANSWERS[url] ?? {})))
await once(server.listen(4050, '127.0.0.1'), 'listening')
console.log('ready')
