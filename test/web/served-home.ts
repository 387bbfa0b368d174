import { fileURLToPath } from 'node:url'
import { serve } from '../../src/watch/server/serve.ts'
import { home, MINUTE } from '../watch/home.ts'

export const TOKEN = 'abcdefghijklmnopqrstuvwxyz012345'

const WEB = fileURLToPath(new URL('../../dist/web', import.meta.url))
/** The world goes on by so much, so often: ten times as fast as ours. */
const TURN_MS = 20
const TURN_WORLD_MS = 200

/** A watch of a simulated home, whose page is served on this machine's loopback while the world goes on. */
export async function servedHome(protocols: string, change?: (yaml: string) => string) {
  const simulated = await home(protocols, change)
  const { world, own } = simulated
  let server: Awaited<ReturnType<typeof serve>> | undefined
  const watch = simulated.start({
    tell: {
      onEvent: (event) => server?.streams.happened(event),
      onChange: () => server?.streams.changed(),
      onProgress: (progress) => server?.streams.progress(progress),
    },
  })
  await world.pass(2 * MINUTE)
  server = await serve({
    daemon: watch.daemon,
    listen: { address: '127.0.0.1', port: 0 },
    token: TOKEN,
    language: 'en',
    webFolder: WEB,
    nowMs: () => own.clock.nowMs(),
    figures: () => ({ cpuSeconds: 1, residentBytes: 1000 }),
  })
  let isEnded = false
  const going = (async () => {
    while (!isEnded) {
      await world.pass(TURN_WORLD_MS)
      await new Promise((resolve) => setTimeout(resolve, TURN_MS))
    }
  })()
  const { port } = server.local
  return {
    ...simulated,
    port,
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      isEnded = true
      await going
      await server.close()
    },
  }
}
