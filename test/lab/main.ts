/**
 * The lab by hand, for trying it out: `main.ts up` keeps a Location until Ctrl-C and serves the other words, which talk
 * to it by a socket in its data folder. `main.ts fault pos-down pos-1`, `main.ts exec appliance ip -br addr`.
 */
import { rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { faultCatalog, type Lab, startLab } from './lab.ts'

const usage = `usage: main.ts up [--backup-uplink] [--tools FOLDER] | status | down | exec NODE PROGRAM… | fault F [ARG] | heal F|all [ARG]
faults:
${faultCatalog.map((fault) => `  ${fault.name.padEnd(16)} ${fault.summary}`).join('\n')}`

const { values, positionals } = parseArgs({
  args: process.argv.slice(2, process.argv.indexOf('exec') < 0 ? undefined : process.argv.indexOf('exec')),
  allowPositionals: true,
  options: {
    'backup-uplink': { type: 'boolean', default: false },
    tools: { type: 'string' },
    data: { type: 'string', default: '/tmp/proactive-lab' },
  },
})
const words = process.argv.includes('exec') ? process.argv.slice(process.argv.indexOf('exec')) : positionals
const socketPath = `${values.data}/lab.sock`
const requestSchema = z.array(z.string().max(10_000)).min(1).max(100)

async function serve(lab: Lab, [word = '', ...rest]: readonly string[]): Promise<unknown> {
  const [first = '', ...others] = rest
  if (word === 'status') return lab.status()
  if (word === 'fault') return lab.fault(first, others)
  if (word === 'heal') return lab.heal(first, others)
  if (word === 'exec') return lab.exec(first, others)
  if (word === 'down') return lab.stop()
  throw new Error(usage)
}

async function up(): Promise<void> {
  const lab = await startLab({
    dataDir: values.data,
    backupUplink: values['backup-uplink'],
    cloud: { mqttSocket: `${values.data}/mqtt.sock`, enrollSocket: `${values.data}/enroll.sock` },
    log: (line) => console.error(line),
    onEvent: (event) => console.error(JSON.stringify(event)),
    ...(values.tools === undefined ? {} : { toolsPath: values.tools }),
  })
  console.log(`up in ${lab.startedInMs} ms ${JSON.stringify(lab.stages)}`)
  await rm(socketPath, { force: true })
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('error', () => undefined)
    socket.on('data', (chunk: string) => {
      text += chunk
      if (text.length > 1_000_000) socket.destroy()
    })
    socket.on('end', () => {
      const end = (answer: unknown) =>
        socket.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? 'done', undefined, 2))
      serve(lab, requestSchema.parse(JSON.parse(text))).then(end, (cause: Error) => end(cause.message))
    })
  }).listen({ path: socketPath })
  process.once('SIGINT', () => void lab.stop())
  process.once('SIGTERM', () => void lab.stop())
  await lab.ended
  server.close()
  await rm(socketPath, { force: true })
}

function ask(): void {
  const socket = connect(socketPath)
  socket.on('error', () => {
    console.error('no lab is up; start one with: main.ts up')
    process.exitCode = 1
  })
  socket.on('data', (chunk) => process.stdout.write(chunk))
  socket.on('end', () => process.stdout.write('\n'))
  socket.end(JSON.stringify(words))
}

process.stdout.on('error', () => process.exit(1))
if (words[0] === 'up') await up()
else if (words.length > 0) ask()
else console.log(usage)
