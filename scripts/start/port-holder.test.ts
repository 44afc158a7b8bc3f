import { createServer } from 'node:net'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { portHolder } from './port-holder.ts'

describe('who holds a port', () => {
  it('is told by the program and its process, and nobody where the port is free', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    expect(await portHolder(port)).toMatch(
      new RegExp(`^(${basename(process.execPath)}|${basename(process.argv0)}) \\(process ${process.pid}\\)$`),
    )
    await new Promise((resolve) => server.close(resolve))
    expect(await portHolder(port)).toBeUndefined()
  })
})
