import { UsageError } from '@proactive/shared'
import { Command, InvalidArgumentError } from 'commander'
import { optionSentence } from '../usage/option-sentence.ts'

export interface StartArguments {
  /** Port of the web page; the others stay at 8883, 8443 and 8090, or are free ones where `port` is 0. */
  readonly port: number
  readonly hasBackupUplink: boolean
  /** Only the cloud, for real appliances. */
  readonly isCloudOnly: boolean
}

/**
 * Reads what stands behind `npm start --`; `--help` prints and ends the program.
 * @throws UsageError with one sentence.
 */
export function parseArguments(argv: readonly string[]): StartArguments {
  const program = new Command('npm start --')
    .description('The cloud and a virtual Location with the real agent in it, on this machine.')
    .option('--port <n>', 'port of the web page; 0 = any free one', parsePort, 8080)
    .option('--backup-uplink', 'the appliance has a second way out')
    .option('--cloud-only', 'no virtual Location: ingest and helpdesk for real appliances')
    .helpOption('--help', 'this text')
    .addHelpText(
      'after',
      '\nExamples:\n  npm start\n  npm start -- --backup-uplink --port 8081\n  npm start -- --cloud-only',
    )
    .configureOutput({ writeErr: () => undefined })
    .exitOverride((error) => {
      if (error.exitCode === 0) process.exit(0)
      throw new UsageError(`${optionSentence(error.message)} (npm start -- --help lists the options)`)
    })
    .parse(argv, { from: 'user' })
  const options = program.opts<{ port: number; backupUplink?: boolean; cloudOnly?: boolean }>()
  return {
    port: options.port,
    hasBackupUplink: options.backupUplink === true,
    isCloudOnly: options.cloudOnly === true,
  }
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('a port is a whole number from 0 to 65535.')
  return port
}
