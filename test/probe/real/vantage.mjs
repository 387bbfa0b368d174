// A vantage of the built program: node vantage.mjs '{"addresses":[...],"alternate":"...","port":3478,"token":"..."}'
import { openOsHost } from '../../../dist/host/os/os-host.js'
import { startVantage } from '../../../dist/vantage/server.js'

const { addresses, alternate, port, token } = JSON.parse(process.argv[2])
const named = (address) => ({ public: address, bind: address })
await startVantage(openOsHost(), {
  addresses: addresses.map(named),
  port,
  ...(alternate === undefined ? {} : { alternateAddress: named(alternate) }),
  ...(token === undefined ? {} : { token }),
})
console.log('ready')
