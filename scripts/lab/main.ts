import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { exitCodes } from '@proactive/shared'
import { Command } from 'commander'
import { faultCatalog } from '../../test/lab/faults.ts'
import {
  type ControlAnswer,
  type ControlRequest,
  controlAnswerSchema,
  controlSocketName,
} from '../stack/control-protocol.ts'
import { dataFolder } from '../stack/paths.ts'
import { optionSentence } from '../usage/option-sentence.ts'
import { faultTable } from './fault-table.ts'
import { printFaultReport, printHealReport, printStatus } from './print.ts'

/** Longest wait for an answer: `heal --wait` takes up to 90 s. */
const answerTimeoutMs = 120_000

const program = new Command('npm run lab --')
  .description('The virtual Location by hand; talks to a running `npm start`.')
  .configureOutput({ outputError: (message, write) => write(`${optionSentence(message)}\n`) })
  .showHelpAfterError('(npm run lab -- --help lists what there is)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage))
  .addHelpText(
    'after',
    () => `
Faults:
${faultTable(faultCatalog)}

Examples:
  npm run lab -- fault router-down --wait --json
  npm run lab -- heal router-down --wait
  npm run lab -- fault pos-down pos-1 --wait`,
  )

program
  .command('status')
  .description('devices, addresses and faults in force')
  .option('--json', 'one JSON object')
  .action(async (options: { json?: boolean }) => {
    const report = await ask({ action: 'status' })
    print(report, options.json, printStatus)
  })

for (const action of ['fault', 'heal'] as const) {
  program
    .command(`${action} <name> [argument]`)
    .description(action === 'fault' ? 'break something' : 'mend it again')
    .option(
      '--wait',
      action === 'fault'
        ? 'until 5 s after the first Issue, at most 75 s'
        : 'until its Issues are resolved, at most 90 s',
    )
    .option('--json', 'one JSON object as the last line')
    .action(
      async (name: string, argument: string | undefined, options: { wait?: boolean; json?: boolean }) => {
        const words = argument === undefined ? [name] : [name, argument]
        const report = await ask({ action, words, isWaiting: options.wait === true })
        if (report === null)
          print({ fault: words.join(' ') }, options.json, () => `${action}: ${words.join(' ')}`)
        else print(report, options.json, action === 'fault' ? printFaultReport : printHealReport)
      },
    )
}

program
  .command('down')
  .description('ends the running `npm start`')
  .action(async () => {
    await ask({ action: 'down' })
  })

program
  .command('up')
  .description('how to bring it up')
  .action(() =>
    fail(
      exitCodes.usage,
      'The lab comes up with the cloud beside it: run `npm start` (with `-- --backup-uplink` for a second way out).',
    ),
  )

await program.parseAsync()

function print(report: unknown, asJson: boolean | undefined, forPeople: (report: unknown) => string): void {
  process.stdout.write(`${asJson ? JSON.stringify(report) : forPeople(report)}\n`)
}

/** Asks the running supervisor; ends the program with one sentence where there is none or it says no. */
async function ask(request: ControlRequest): Promise<unknown> {
  const answer = await exchange(join(dataFolder(process.env), controlSocketName), request)
  if (answer.kind === 'done') return answer.report
  return fail(answer.kind === 'usage' ? exitCodes.usage : exitCodes.failed, answer.message)
}

function exchange(path: string, request: ControlRequest): Promise<ControlAnswer> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const refuse = () =>
      resolve({
        kind: 'failed',
        message: 'No Location is running: start one with `npm start` in another terminal.',
      })
    socket.setTimeout(answerTimeoutMs, () => {
      socket.destroy()
      resolve({
        kind: 'failed',
        message: 'The running `npm start` did not answer in time; look at its logs.',
      })
    })
    socket.on('error', refuse).on('close', refuse)
    socket.write(`${JSON.stringify(request)}\n`)
    // The interface repeats the socket's error, and nobody listening would end the program.
    createInterface({ input: socket })
      .on('error', refuse)
      .on('line', (line) => {
        resolve(controlAnswerSchema.parse(JSON.parse(line)))
        socket.end()
      })
  })
}

function fail(code: number, sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(code)
}
