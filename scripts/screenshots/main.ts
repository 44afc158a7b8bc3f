import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { testTools } from '../debian/index.ts'
import { printSteps } from '../progress/steps.ts'
import { projectRoot } from '../setup/project-root.ts'
import { setUp } from '../setup/set-up.ts'
import { findChromium } from '../setup/test-extras.ts'
import { startStack } from '../stack/stack.ts'
import { findOwnNetwork } from '../test/own-network.ts'
import { takeScreenshots } from './take.ts'

const usage = `npm run screenshots

Takes the pictures in docs/screenshots anew: cloud and virtual Location in a network of their own, the console in Chromium.`

/** Set for the run inside its own network. */
const insideFlag = '--inside'
const inventoryTimeoutMs = 120_000
const say = (line: string) => process.stderr.write(`${line}\n`)

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  if (argv.includes(insideFlag)) return takeAll()
  const { tools } = await setUp({ tools: testTools, step: printSteps })
  const chromium = findChromium(process.env)
  if (chromium === undefined) {
    say('There is no Chromium here: npm run setup -- --tests installs it.')
    return 1
  }
  const env = { ...process.env, ...tools.env, CHROMIUM: chromium }
  const prefix = await findOwnNetwork(env)
  if (prefix === undefined) {
    say('The virtual Location needs network namespaces (Linux, as root or with user namespaces).')
    return 1
  }
  const [command = process.execPath, ...args] = [
    ...prefix,
    process.execPath,
    import.meta.filename,
    insideFlag,
  ]
  const child = spawn(command, args, { env, stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

async function takeAll(): Promise<number> {
  // Unix socket paths hold 107 bytes (unix(7)): a short folder, whatever TMPDIR says.
  const dataDir = await mkdtemp('/tmp/px-')
  const folder = join(projectRoot, 'docs', 'screenshots')
  await mkdir(folder, { recursive: true })
  try {
    const stack = await startStack({
      dataDir,
      hasBackupUplink: true,
      ports: { web: 0, mqtt: 0, enroll: 0, helpdesk: 0 },
      env: process.env,
    })
    try {
      await stack.awaitReady(inventoryTimeoutMs)
      await takeScreenshots({ stack, folder, chromium: process.env.CHROMIUM ?? '', say })
    } finally {
      await stack.stop()
    }
    return 0
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

process.exitCode = await main(process.argv.slice(2))
