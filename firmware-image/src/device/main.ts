import type { ClaimCommand } from './claim.ts'
import { type HealthLimits, healthLimits } from './health-rules.ts'
import { placesBelow } from './places.ts'
import { factoryReset } from './reset.ts'
import { startBox } from './start.ts'
import { startTrial, updateFromDrive } from './update.ts'

/** Composition root of the appliance's own services; each is a unit of systemd that calls it with its name. */
const places = placesBelow('/')

const claim: ClaimCommand = {
  file: process.execPath,
  args: ['--disable-warning=ExperimentalWarning', '/usr/lib/proactive/claim.mjs'],
  env: { PATH: process.env.PATH, PROACTIVE_DATA: places.agentData, NODE_ENV: 'production' },
}

const say = (line: string): void => void process.stdout.write(`proactive: ${line}\n`)

/** Tests shorten the waits: `PROACTIVE_HEALTH_SCALE=0.1`. */
function limits(): HealthLimits {
  const scale = Number(process.env.PROACTIVE_HEALTH_SCALE || 1)
  if (!(scale > 0 && scale <= 10)) return healthLimits
  const scaled = (seconds: number) => seconds * scale
  const { steady, local, silent, address, patience } = healthLimits
  return {
    steady,
    local: scaled(local),
    silent: scaled(silent),
    address: scaled(address),
    patience: scaled(patience),
  }
}

const commands = new Map<string, (...args: string[]) => Promise<unknown>>([
  ['start', () => startBox({ places, claim, limits: limits(), say })],
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
