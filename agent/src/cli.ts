import { exitCodes } from '@proactive/shared'
import { Command } from 'commander'
import { agentVersion } from './version.ts'

/** What the commands do; `main.ts` brings it. Each resolves with an exit code. */
export interface CliActions {
  run(options: {
    readonly config?: string
    readonly once: boolean
    readonly configCheck: boolean
  }): Promise<number>
  claim(bundle: string, options: { readonly json: boolean }): Promise<number>
  scan(options: {
    readonly config?: string
    readonly json: boolean
    readonly network?: string[]
  }): Promise<number>
  doctor(options: {
    readonly config?: string
    readonly json: boolean
    readonly offline: boolean
  }): Promise<number>
  completion(shell: string): Promise<number>
  status(options: { readonly json: boolean }): Promise<number>
}

/**
 * The command line. Exit codes: 0 ok, 1 failed, 2 usage, 3 degraded.
 * @param onExit called with the exit code when the command is done
 */
export function createCli(actions: CliActions, onExit: (code: number) => void): Command {
  const program = new Command('proactive-agent')
    .description("Watches a Location's network from the inside and tells the cloud what is wrong with it.")
    .version(agentVersion)
    .showHelpAfterError('(add --help for the options)')
    .addHelpText(
      'after',
      `
Data (identity, spool) lies in $PROACTIVE_DATA, settings in $PROACTIVE_AGENT_CONFIG or <data>/agent.json.
Exit codes: ${exitCodes.ok} ok, ${exitCodes.failed} failed, ${exitCodes.usage} wrong usage or settings, ${exitCodes.degraded} works with less than it could.

Examples:
  proactive-agent claim '{"v":1,"url":"https://cloud.example.net:8443", …}'
  proactive-agent doctor
  proactive-agent run --config /etc/proactive/agent.json
  proactive-agent status --json`,
    )
  const config = ['--config <file>', 'settings file'] as const
  const json = ['--json', 'print one JSON object instead of text', false] as const

  program
    .command('run')
    .description('watch the networks named in the settings until stopped')
    .option(...config)
    .option('--once', 'look for devices once, print them, and end', false)
    .option('--config-check', 'check the settings and end', false)
    .addHelpText('after', '\nExample:\n  proactive-agent run --config agent.json')
    .action(async (options) => onExit(await actions.run(options)))
  program
    .command('claim')
    .description('make this machine the appliance of a Location')
    .argument('<bundle>', 'the claim as the cloud shows it, a file with it, or - for standard input')
    .option(...json)
    .addHelpText('after', '\nExample:\n  proactive-agent claim claim.json')
    .action(async (bundle, options) => onExit(await actions.claim(bundle, options)))
  program
    .command('scan')
    .description(
      'look for devices once and say what they seem to be; nothing leaves this machine for the cloud',
    )
    .option(...config)
    .option(
      '--network <cidr...>',
      'look at these networks instead of those of the settings, each /22 or smaller',
    )
    .option(...json)
    .addHelpText('after', '\nExample:\n  proactive-agent scan --network 192.168.1.0/24')
    .action(async (options) => onExit(await actions.scan(options)))
  program
    .command('doctor')
    .description(
      'check tools, rights, settings, identity, spool and board, then gateway, DNS, cloud and SNMP',
    )
    .option(...config)
    .option('--offline', 'send nothing', false)
    .option(...json)
    .addHelpText('after', '\nExample:\n  proactive-agent doctor')
    .action(async (options) => onExit(await actions.doctor(options)))
  program
    .command('status')
    .description('ask the running agent how it stands')
    .option(...json)
    .addHelpText('after', '\nExample:\n  proactive-agent status')
    .action(async (options) => onExit(await actions.status(options)))
  program
    .command('completion')
    .description('print a script that completes commands and options in your shell')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', '\nExample:\n  source <(proactive-agent completion bash)')
    .action(async (shell) => onExit(await actions.completion(shell)))
  return program
}
