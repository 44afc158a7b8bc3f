import { exitCodes, ProactiveError } from '@proactive/shared'
import { CommanderError } from 'commander'
import { createLog } from './adapters/pino-log.ts'
import { createAgent } from './agent.ts'
import { claim } from './claim.ts'
import { createCli } from './cli.ts'
import { realWorld } from './real-world.ts'
import { loadInstallation } from './settings/load-settings.ts'

/** Composition root of the agent: command line in, exit code out. Data goes to stdout, logs to stderr. */
const print = (text: string) => void process.stdout.write(`${text}\n`)
const complain = (text: string) => void process.stderr.write(`${text}\n`)

async function run(options: { config?: string; once: boolean; configCheck: boolean }): Promise<number> {
  const installation = loadInstallation(process.env, options.config)
  if (options.configCheck) {
    print(`${installation.settingsFile}: the settings are fine.`)
    return exitCodes.ok
  }
  const log = createLog(installation.settings.logLevel)
  const agent = createAgent(realWorld(installation, log, process.env))
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => void agent.stop('shutdown').finally(resolve))
    }
  })
  await agent.start()
  await stopped
  return exitCodes.ok
}

const cli = createCli(
  {
    run,
    async claim(bundle, { json }) {
      const { dataDir } = loadInstallation(process.env)
      const { identity, isNew } = await claim(dataDir, bundle)
      const { applianceId, locationId } = identity
      if (json) print(JSON.stringify({ applianceId, locationId, isNew }))
      else
        print(
          isNew
            ? `This machine is appliance ${applianceId} of Location ${locationId} now. Start it with: proactive-agent run`
            : `This claim was used already: this machine is appliance ${applianceId} of Location ${locationId}.`,
        )
      return exitCodes.ok
    },
    scan: () => Promise.resolve(exitCodes.failed),
    doctor: () => Promise.resolve(exitCodes.failed),
    status: () => Promise.resolve(exitCodes.failed),
  },
  (code) => {
    process.exitCode = code
  },
)
cli.exitOverride()

try {
  await cli.parseAsync()
  process.exit(process.exitCode)
} catch (error) {
  if (error instanceof CommanderError) {
    process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
  }
  if (error instanceof ProactiveError) {
    complain(error.message)
    process.exit(error.code === 'usage' ? exitCodes.usage : exitCodes.failed)
  }
  throw error
}
