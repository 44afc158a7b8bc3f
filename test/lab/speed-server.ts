/** A server for speed tests, as a person on site would name one: `node speed-server.ts ADDRESS PORT`. Gives zeros without end, takes everything. */
import { createServer } from 'node:http'

const [address = '127.0.0.1', port = '8080'] = process.argv.slice(2)
const block = Buffer.alloc(65_536)
const mostBlocks = 4_000

const server = createServer((request, response) => {
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
server.listen(Number(port), address, () => console.log('ready'))
