import type { DocumentReader } from '../ports/index.ts'

/**
 * Reads one document by HTTP/1.1: no redirect, no cookie, no keep-alive; what is longer than allowed counts as none. The client is loaded with the
 * first document.
 */
export const readLanDocument: DocumentReader = async ({ ip, port, path, timeoutMs, maxBytes }) => {
  const { get } = await import('node:http')
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const request = get(
      { host: ip, port, path, agent: false, signal, headers: { connection: 'close', accept: 'text/xml' } },
      (response) => {
        const parts: Buffer[] = []
        let bytes = 0
        if (response.statusCode !== 200) {
          request.destroy()
          resolve(undefined)
          return
        }
        response.on('data', (part: Buffer) => {
          bytes += part.length
          if (bytes > maxBytes) request.destroy()
          else parts.push(part)
        })
        response.on('end', () =>
          resolve(bytes <= maxBytes ? Buffer.concat(parts).toString('utf8') : undefined),
        )
        response.on('error', () => resolve(undefined))
        response.on('close', () => resolve(undefined))
      },
    )
    request.on('error', () => resolve(undefined))
  })
}
