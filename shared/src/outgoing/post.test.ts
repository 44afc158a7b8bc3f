import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createOutgoingGuard } from './guard.ts'
import { postGuarded } from './post.ts'

describe('a guarded post', () => {
  let server: Server | undefined
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
    server = undefined
  })

  async function listen(answer: number | undefined): Promise<{ url: URL; heard: () => number }> {
    let heard = 0
    server = createServer((_request, response) => {
      heard += 1
      if (answer === undefined) response.destroy()
      else response.writeHead(answer).end()
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    const url = new URL(`http://hook.example:${(server.address() as AddressInfo).port}/`)
    return { url, heard: () => heard }
  }
  const guardOf = (...addresses: string[]) => createOutgoingGuard(['hook.example'], async () => addresses)

  it('goes to the next address where the first takes no connection', async () => {
    const { url, heard } = await listen(204)
    expect(await postGuarded(guardOf('127.0.0.2', '127.0.0.1'), url, '{}', {})).toBe(204)
    expect(heard()).toBe(1)
  })

  it('does not say it again to the next address once it was connected', async () => {
    const { url, heard } = await listen(undefined)
    await expect(postGuarded(guardOf('127.0.0.1', '127.0.0.1'), url, '{}', {})).rejects.toThrow()
    expect(heard()).toBe(1)
  })

  it('ends at once when told to, also in the look-up', async () => {
    const never = createOutgoingGuard(['hook.example'], () => new Promise(() => undefined))
    const stop = new AbortController()
    const post = postGuarded(never, new URL('http://hook.example/'), '{}', {}, stop.signal)
    stop.abort(new Error('stopped'))
    await expect(post).rejects.toThrow('stopped')
  })
})
