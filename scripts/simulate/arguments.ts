import { availableParallelism } from 'node:os'
import { UsageError } from '@proactive/shared'
import { Command, InvalidArgumentError } from 'commander'
import { optionSentence } from '../usage/option-sentence.ts'

export interface SimulateArguments {
  readonly locations: number
  readonly days: number
  readonly seed: string
  /** Real faults per Location and day, on average. */
  readonly faultsPerDay: number
  readonly telemetrySeconds: number
  readonly workers: number
  /** Probe by probe, nothing is leapt over. */
  readonly isStepwise: boolean
  /** Wall time after which it ends with what it has. */
  readonly minutes: number
  readonly isJson: boolean
}

/**
 * Reads what stands behind `npm run simulate --`; `--help` prints and ends the program.
 * @throws UsageError with one sentence.
 */
export function parseArguments(argv: readonly string[]): SimulateArguments {
  const program = new Command('npm run simulate --')
    .description(
      'A fleet of shops in virtual time through the real agent core and the real fault core: what opens, and whether it should have.',
    )
    .option('--locations <n>', 'how many shops', whole(1, 1_000_000), 100)
    .option('--days <n>', 'how many days each', whole(1, 365), 1)
    .option('--seed <n>', 'the same seed gives the same fleet', whole(0, 2 ** 32 - 1), 1)
    .option('--faults-per-day <n>', 'faults of its own per shop and day, on average', between(0, 20), 0.3)
    .option('--telemetry-seconds <n>', 'one batch each so many seconds', whole(10, 300), 30)
    .option('--workers <n>', 'threads', whole(1, 64), Math.max(1, Math.min(64, availableParallelism())))
    .option('--minutes <n>', 'ends after this long with what it has', between(0.05, 10_080), 480)
    .option('--stepwise', 'probe by probe, also where nothing happens (twenty times as long)')
    .option('--json', 'the last line is one JSON object')
    .helpOption('--help', 'this text')
    .addHelpText(
      'after',
      '\nExamples:\n  npm run simulate -- --locations 100 --days 1 --seed 7\n  npm run simulate -- --locations 1000 --days 10 --seed 1 --json',
    )
    .configureOutput({ writeErr: () => undefined })
    .exitOverride((error) => {
      if (error.exitCode === 0) process.exit(0)
      throw new UsageError(`${optionSentence(error.message)} (npm run simulate -- --help lists the options)`)
    })
    .parse(argv, { from: 'user' })
  const options = program.opts<
    Omit<SimulateArguments, 'isJson' | 'seed' | 'isStepwise'> & {
      json?: boolean
      seed: number
      stepwise?: boolean
    }
  >()
  const { locations, days, faultsPerDay, telemetrySeconds, workers, minutes } = options
  const isJson = options.json === true
  return {
    locations,
    days,
    seed: String(options.seed),
    isStepwise: options.stepwise === true,
    faultsPerDay,
    telemetrySeconds,
    workers: Math.min(workers, locations),
    minutes,
    isJson,
  }
}

function whole(from: number, to: number): (text: string) => number {
  const read = between(from, to)
  return (text) => {
    const value = read(text)
    if (!Number.isInteger(value)) throw new InvalidArgumentError('it is a whole number.')
    return value
  }
}

function between(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!(value >= from && value <= to)) throw new InvalidArgumentError(`it goes from ${from} to ${to}.`)
    return value
  }
}
