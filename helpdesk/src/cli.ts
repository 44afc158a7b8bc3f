import { exitCodes, UsageError } from '@proactive/shared'
import { Command, CommanderError } from 'commander'
import { type HelpdeskConfig, loadConfig } from './config.ts'

/** What the command line needs from outside; `main.ts` fills it. */
export interface CliEnvironment {
  readonly env: NodeJS.ProcessEnv
  readonly version: string
  print(line: string): void
  printError(line: string): void
  /** Runs until it is told to stop. */
  run(config: HelpdeskConfig): Promise<void>
}

const examples = `
Examples:
  proactive-helpdesk run                                    on 127.0.0.1:8090, data in ./.proactive
  PROACTIVE_HELPDESK_PORT=0 proactive-helpdesk run          on a free port; the first line on stdout tells which
  proactive-helpdesk run --config-check                     only tells whether the configuration is good

Environment: PROACTIVE_DATA, PROACTIVE_HELPDESK_PORT, PROACTIVE_ACTOR_PUBLIC_KEY_FILE, PROACTIVE_LOG_LEVEL.
Exit codes: 0 ok, 1 failed, 2 usage, 3 degraded.`

/** Runs a command line and returns the exit code. A user's mistake ends in one sentence. */
export async function runCli(argv: readonly string[], environment: CliEnvironment): Promise<number> {
  const program = new Command('proactive-helpdesk')
    .description('The embedded helpdesk: Issues, queues, rooms; HTTP API on loopback.')
    .version(environment.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => environment.print(text.trimEnd()),
      writeErr: (text) => environment.printError(text.trimEnd()),
    })
    .addHelpText('after', examples)
  program
    .command('run')
    .description('serve until SIGTERM')
    .option('--config-check', 'check the configuration and exit')
    .addHelpText('after', examples)
    .action(async (options: { configCheck?: boolean }) => {
      const config = loadConfig(environment.env)
      if (options.configCheck === true) environment.print('The configuration is good.')
      else await environment.run(config)
    })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    environment.printError(error instanceof Error ? error.message : String(error))
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed
  }
}
