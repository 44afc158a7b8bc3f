import { parseArgs } from 'node:util'
import { NoMirrorError } from '../../firmware-image/src/archive/mirrors.ts'
import { type BoardName, boards } from '../../firmware-image/src/boards.ts'
import { buildImage, DriftError, describeImage } from '../../firmware-image/src/build.ts'
import { AptError } from '../debian/apt.ts'
import { formatSeconds, printSteps } from '../progress/steps.ts'
import { projectRoot } from '../setup/project-root.ts'
import { boardOf, outFolderOf, readVersion } from './images.ts'
import { runCases, testFirmware } from './matrix.ts'

const usage = `npm run firmware -- build --arch amd64|arm64 [options]   makes disk.img and the signed update bundle
npm run firmware -- test [--only WORDS] [--resume]  boots and updates them in QEMU; writes docs/reports/<date>-firmware.md

build:
  --arch amd64|arm64  a virtual machine, or Raspberry Pi 3 and 4
  --board pi5         Raspberry Pi 5 instead (built, not proven on hardware)
  --out FOLDER        where the files go (default .proactive/firmware/<board>)
  --version X.Y.Z     version of the image (default: that of package.json)
  --keys FOLDER       ca.pem, sign.pem and sign.key of released updates (default: test keys, made here)
  --locked            refuses packages that are not those of the lock file
  --update-lock       writes the lock file anew

test:
  --arch amd64|arm64  only the cases of one processor
  --only WORDS        only cases whose name contains the words; writes no report
  --resume            does not repeat what held before on the same images

Needs Linux with apt's sources of a Debian release; no root, no emulated installation, nothing is installed.`

const say = (line: string) => process.stderr.write(`${line}\n`)

const options = {
  arch: { type: 'string' },
  board: { type: 'string' },
  out: { type: 'string' },
  version: { type: 'string' },
  keys: { type: 'string' },
  only: { type: 'string' },
  resume: { type: 'boolean' },
  locked: { type: 'boolean' },
  'update-lock': { type: 'boolean' },
  help: { type: 'boolean' },
} as const

/** The command line says something that cannot be meant. */
class UsageMistake extends Error {}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(argv)
  const [command] = positionals
  if (values.help || command === undefined) {
    process.stdout.write(`${usage}\n`)
    return values.help ? 0 : 2
  }
  if (values.arch !== undefined && values.arch !== 'amd64' && values.arch !== 'arm64')
    throw new UsageMistake(`--arch is amd64 or arm64, not "${values.arch}".`)
  const choice = { arch: values.arch, only: values.only, isResumed: values.resume ?? false }
  switch (command) {
    case 'build':
      return await build(values)
    case 'test':
      return await testFirmware({ ...choice, say })
    case 'run-cases':
      return await runCases({ ...choice, say })
    default:
      throw new UsageMistake(`There is no command "${command}"; choose build or test.`)
  }
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    throw new UsageMistake(error instanceof Error ? error.message : String(error))
  }
}

type Values = ReturnType<typeof readArguments>['values']

async function build(values: Values): Promise<number> {
  const name =
    values.board ?? (values.arch === undefined ? undefined : boardOf(values.arch as 'amd64' | 'arm64'))
  if (name === undefined) throw new UsageMistake('Name the processor: --arch amd64 or --arch arm64.')
  if (!isBoard(name))
    throw new UsageMistake(`There is no board "${name}"; choose one of: ${Object.keys(boards).join(', ')}.`)
  const board = boards[name]
  if (values.arch !== undefined && values.arch !== board.architecture)
    throw new UsageMistake(`The board ${name} is ${board.architecture}, not ${values.arch}.`)
  if (values.locked && values['update-lock'])
    throw new UsageMistake('--locked and --update-lock exclude each other.')
  const version = values.version ?? (await readVersion())
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
    throw new UsageMistake(`"${version}" is no version; use X.Y.Z.`)
  say(`${name}: ${board.description}`)
  const startedAtMs = performance.now()
  const image = await buildImage({
    board,
    projectRoot,
    outFolder: values.out ?? outFolderOf(name),
    version,
    ...(values.keys === undefined ? {} : { keysFolder: values.keys }),
    lock: values.locked ? 'refuse' : values['update-lock'] ? 'rewrite' : 'report',
    env: process.env,
    step: printSteps,
    say,
  })
  process.stdout.write(`${describeImage(image)}\n`)
  say(`${image.isNew ? 'built' : 'checked'} in ${formatSeconds(performance.now() - startedAtMs)}`)
  return 0
}

const isBoard = (name: string): name is BoardName => Object.hasOwn(boards, name)

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageMistake) {
    say(`${error.message}\n\n${usage}`)
    process.exitCode = 2
  } else if (error instanceof AptError || error instanceof NoMirrorError || error instanceof DriftError) {
    say(error.message)
    process.exitCode = 1
  } else {
    say(`The firmware command failed: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
