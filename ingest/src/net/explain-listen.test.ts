import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { explainListen } from './explain-listen.ts'
import { boundAddress, listen } from './listen.ts'

describe('a server that cannot listen', () => {
  it('says who holds the port and which variable to change', async () => {
    const holder = createServer()
    await listen(holder, { host: '127.0.0.1', port: 0 })
    const { port } = boundAddress(holder)
    const what = { name: 'MQTT', host: '127.0.0.1', port, variable: 'PROACTIVE_MQTT_PORT' }
    await expect(explainListen(what, () => listen(createServer(), what))).rejects.toThrow(
      new RegExp(
        `^Port ${port} for MQTT is in use by process ${process.pid} \\(.+\\): end it, or set PROACTIVE_MQTT_PORT`,
      ),
    )
    await new Promise<void>((resolve) => void holder.close(() => resolve()))
  })

  it('says that an address is not of this machine', async () => {
    const what = { name: 'MQTT', host: '192.0.2.1', port: 0, variable: 'PROACTIVE_MQTT_PORT' }
    await expect(explainListen(what, () => listen(createServer(), what))).rejects.toThrow(
      '192.0.2.1 is no address of this machine: set PROACTIVE_BIND to one that is.',
    )
  })
})
