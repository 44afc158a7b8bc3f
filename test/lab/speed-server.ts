import { createServer, type Server } from 'node:http'

const block = Buffer.alloc(65_536)
const mostBlocks = 4_000

/** A server for speed tests, as a person on site would name one: gives zeros without end, takes everything and keeps nothing. */
export function createSpeedServer(): Server {
  return createServer((request, response) => {
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    if (request.method !== 'GET') {
      request.resume().once('end', () => response.end('taken\n'))
      return
    }
    let blocks = 0
    const write = () => {
      while (blocks++ < mostBlocks) if (!response.write(block)) return void response.once('drain', write)
      response.end()
    }
    write()
  })
}
