import { runProgram } from '../process/run-program.ts'
import type { StepRunner } from '../progress/steps.ts'
import { withoutStartingServices } from './service-policy.ts'
import { installCommand, missingExtras } from './test-extras.ts'

const UPDATE_DEADLINE_MS = 180_000
const INSTALL_DEADLINE_MS = 15 * 60_000
/** Another installer may be at work; wait this long for it. */
const aptOptions = ['-q', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2']

/**
 * Installs by apt-get what tests need installed, after saying what and how much; starts no service.
 * @returns a sentence for the user when something could not be installed
 */
export async function installExtras(
  step: StepRunner,
  say: (line: string) => void,
): Promise<string | undefined> {
  const missing = missingExtras()
  if (missing.length === 0) return undefined
  const purpose = missing.map((extra) => extra.neededFor).join(', ')
  const command = installCommand(missing)
  if (process.getuid?.() !== 0) return `To test ${purpose} as well, run: ${command}`
  const packages = missing.flatMap((extra) => extra.packages)
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['install', '--no-install-recommends', ...packages]

  await step('reading Debian package lists', () =>
    runProgram('apt-get', [...aptOptions, 'update'], { timeoutMs: UPDATE_DEADLINE_MS, env }),
  )
  const preview = await runProgram('apt-get', [...aptOptions, '--assume-no', ...install], {
    timeoutMs: UPDATE_DEADLINE_MS,
    env,
  })
  const plan = describePlan(preview.stdout)
  if (plan === undefined)
    return `${packages.join(' ')} cannot be installed (${lastLine(preview.stderr)}): ${command}`
  say(plan)
  const answers = missing.flatMap((extra) => extra.preseed ?? [])
  if (answers.length > 0) {
    await runProgram('debconf-set-selections', [], {
      timeoutMs: UPDATE_DEADLINE_MS,
      env,
      input: `${answers.join('\n')}\n`,
    })
  }
  const result = await step(`installing ${packages.join(' ')} for ${purpose}`, () =>
    withoutStartingServices(() =>
      runProgram('apt-get', [...aptOptions, '-y', ...install], { timeoutMs: INSTALL_DEADLINE_MS, env }),
    ),
  )
  if (result.code === 0) return undefined
  return `${packages.join(' ')} could not be installed (${lastLine(result.stderr)}); to try again, run: ${command}`
}

/** Reads list and size from what apt-get would do; undefined when it would do nothing. */
export function describePlan(preview: string): string | undefined {
  const list = preview.match(/NEW packages will be installed:\n((?: {2}.*\n)+)/)?.[1]
  if (list === undefined) return undefined
  const names = list.trim().split(/\s+/)
  const download = preview.match(/Need to get (\S+ [^\s/]+)(?:\/\S+ \S+)? of archives/)?.[1] ?? 'nothing'
  const disk = preview.match(/After this operation, (\S+ \S+) of additional/)?.[1] ?? 'little'
  return `will install ${names.length} Debian packages (download ${download}, disk ${disk}): ${names.join(' ')}`
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''
