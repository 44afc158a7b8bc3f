import { runProgram } from '../../../scripts/process/run-program.ts'
import { type AgentCommand, claimOnce } from './claim.ts'
import type { AgentView } from './facts.ts'
import { watchHealth } from './health.ts'
import { placesBelow } from './places.ts'
import { factoryReset } from './reset.ts'
import { setUp } from './setup.ts'
import { startTrial, updateFromDrive } from './update.ts'

/** Composition root of the appliance's own services; each is a unit of systemd that calls it with its name. */
const places = placesBelow('/')
const STATUS_DEADLINE_MS = 30_000

const agent: AgentCommand = {
  file: process.execPath,
  args: ['--disable-warning=ExperimentalWarning', '/usr/lib/proactive/agent.mjs'],
  env: { PATH: process.env.PATH, PROACTIVE_DATA: places.agentData, NODE_ENV: 'production' },
}

async function agentStatus(): Promise<AgentView> {
  const { stdout } = await runProgram(agent.file, [...agent.args, 'status', '--json'], {
    timeoutMs: STATUS_DEADLINE_MS,
    env: agent.env,
  })
  return { isAcknowledged: /"lastAckAtMs":\s*\d/.test(stdout) }
}

const say = (line: string): void => void process.stdout.write(`proactive: ${line}\n`)

const commands = new Map<string, (...args: string[]) => Promise<unknown>>([
  ['setup', () => setUp(places)],
  ['claim', () => claimOnce(places, agent)],
  ['health', () => watchHealth(places, agentStatus, say)],
  ['reset', () => factoryReset(places)],
  ['update', (drive = '/run/proactive/drive') => updateFromDrive(places, drive)],
  ['trial', () => startTrial(places)],
])

const [name = '', ...args] = process.argv.slice(2)
const command = commands.get(name)
if (command === undefined) {
  process.stderr.write(`There is no command "${name}"; choose one of: ${[...commands.keys()].join(', ')}.\n`)
  process.exitCode = 2
} else {
  await command(...args)
}
