import { parseArgs } from 'node:util'
import { ensureTestKit } from '../../firmware-image/src/machine/test-kit.ts'
import { testTools } from '../debian/index.ts'
import { printSteps } from '../progress/steps.ts'
import { ConsoleBuildError } from './console-build.ts'
import { installExtras } from './install-extras.ts'
import { setUp } from './set-up.ts'

const usage = `npm run setup [-- --tests]

Brings what npm start and npm test need: Debian programs into your cache (nothing is installed, no root needed)
and the console's page.

  --tests   also fetches what the firmware image's quick tests need (95 MB), and, as root, installs by apt-get what
            other tests need installed, after showing list and size
  --help    this text`

const say = (line: string) => process.stderr.write(`${line}\n`)

async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv)
  if (options === undefined) return 2
  if (options.help) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  const { tools } = await setUp({ tools: testTools, step: printSteps, retryMissing: true })
  for (const complaint of tools.complaints) say(complaint)
  if (options.tests) {
    await ensureTestKit(process.env, printSteps).catch((error: Error) =>
      say(`The firmware image will not be tested: ${error.message}`),
    )
    const complaint = await installExtras(printSteps, say)
    if (complaint !== undefined) {
      say(complaint)
      return 1
    }
  }
  say('set-up is done')
  return 0
}

function readOptions(argv: readonly string[]): { tests?: boolean; help?: boolean } | undefined {
  try {
    return parseArgs({ args: [...argv], options: { tests: { type: 'boolean' }, help: { type: 'boolean' } } })
      .values
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    return undefined
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof ConsoleBuildError) say(`${error.message}\nThe console could not be built.`)
  else say(`Set-up failed: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
