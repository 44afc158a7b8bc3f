import { exitCodes, UsageError } from '@proactive/shared'
import { Command, CommanderError } from 'commander'
import { type Config, loadConfig } from './config.ts'
import type { DemoOptions, SeededDemo } from './directory/seed-demo.ts'
import { diagnose } from './doctor.ts'

/** What the command line needs from outside; `main.ts` fills it. */
export interface CliEnvironment {
  readonly env: NodeJS.ProcessEnv
  readonly version: string
  print(line: string): void
  printError(line: string): void
  /** Runs until it is told to stop. */
  run(config: Config): Promise<void>
  migrate(config: Config): Promise<void>
  seedDemo(config: Config, options: DemoOptions): Promise<SeededDemo>
}

const examples = `
Examples:
  proactive-ingest run                               on 127.0.0.1, data in ./.proactive
  PROACTIVE_WEB_PORT=0 proactive-ingest run          on a free port; the first line on stdout tells which
  proactive-ingest run --config-check                only tells whether the configuration is good
  proactive-ingest doctor --json                     what works here and what does not
  PROACTIVE_BIND=0.0.0.0 PROACTIVE_BEHIND_PROXY=1 PROACTIVE_PUBLIC_HOSTS=cloud.example.com proactive-ingest run

Environment: PROACTIVE_DATA, PROACTIVE_BIND, PROACTIVE_WEB_PORT, PROACTIVE_MQTT_PORT, PROACTIVE_ENROLL_PORT,
PROACTIVE_PUBLIC_HOSTS, PROACTIVE_ENROLL_URL, PROACTIVE_MQTT_URL, PROACTIVE_WEB_URL, PROACTIVE_HELPDESK_KIND,
PROACTIVE_HELPDESK_URL, PROACTIVE_INFLUX_URL, PROACTIVE_INFLUX_TOKEN, PROACTIVE_INFLUX_ORG,
PROACTIVE_INFLUX_BUCKET, PROACTIVE_POSTGRES_URL, PROACTIVE_ENV, PROACTIVE_PROFILE, PROACTIVE_TLS_CERT,
PROACTIVE_TLS_KEY, PROACTIVE_BEHIND_PROXY, PROACTIVE_SMTP_URL, PROACTIVE_MAIL_FROM, PROACTIVE_WEBHOOK_ALLOW,
PROACTIVE_PROVIDER_TABLE, PROACTIVE_CONSOLE_DIST, PROACTIVE_LOG_MAX_MB, PROACTIVE_INCIDENT_DAYS,
PROACTIVE_LOG_LEVEL.
Exit codes: 0 ok, 1 failed, 2 usage, 3 degraded.`

/** Runs a command line and returns the exit code. A user's mistake ends in one sentence. */
export async function runCli(argv: readonly string[], environment: CliEnvironment): Promise<number> {
  const { env, print, printError } = environment
  let exitCode: number = exitCodes.ok
  const program = new Command('proactive-ingest')
    .description('The cloud: gateway and enrolment of the appliances, fault core, directory and web.')
    .version(environment.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => print(text.trimEnd()),
      writeErr: (text) => printError(text.trimEnd()),
    })
    .addHelpText('after', examples)
  program
    .command('run')
    .description('serve until SIGTERM')
    .option('--config-check', 'check the configuration and exit')
    .action(async ({ configCheck }: { configCheck?: boolean }) => {
      const config = loadConfig(env)
      if (configCheck === true) print('The configuration is good.')
      else await environment.run(config)
    })
  program
    .command('doctor')
    .description('tell what works here and what does not; exit 3 where something is degraded')
    .option('--json', 'one JSON object on stdout')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await diagnose(loadConfig(env))
      if (json === true) print(JSON.stringify({ findings }))
      else for (const { name, state, sentence } of findings) print(`${state.padEnd(8)} ${name}: ${sentence}`)
      const states = findings.map(({ state }) => state)
      if (states.includes('failed')) exitCode = exitCodes.failed
      else if (states.includes('degraded')) exitCode = exitCodes.degraded
    })
  program
    .command('migrate')
    .description('bring the database up to date and make the keys, then exit')
    .action(async () => {
      await environment.migrate(loadConfig(env))
      print('The database is up to date.')
    })
  program
    .command('seed-demo')
    .description("fill the directory with the demo's Organizations, Users and Location; prints new passwords")
    .option('--backup-uplink', 'the Location has a second way out')
    .option('--json', 'one JSON object on stdout')
    .action(async ({ json, backupUplink }: { json?: boolean; backupUplink?: boolean }) => {
      const options = backupUplink === undefined ? {} : { hasBackupUplink: backupUplink }
      const demo = await environment.seedDemo(loadConfig(env), options)
      if (json === true) print(JSON.stringify(demo))
      else for (const { title, email, password } of demo.users) print(`${title}: ${email} ${password}`)
    })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    printError(error instanceof Error ? error.message : String(error))
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed
  }
}
