import { existsSync } from 'node:fs'

/** Something tests use that works only when it is really installed. */
export interface TestExtra {
  readonly packages: readonly string[]
  /** A file that is there when it is installed. */
  readonly proof: string
  /** What stays untested without it. */
  readonly neededFor: string
}

export const testExtras: readonly TestExtra[] = [
  { packages: ['chromium'], proof: '/usr/bin/chromium', neededFor: 'the console in a real browser' },
]

export const missingExtras = (extras: readonly TestExtra[] = testExtras): TestExtra[] =>
  extras.filter((extra) => !existsSync(extra.proof))

/** The one command that brings them. */
export function installCommand(extras: readonly TestExtra[]): string {
  const packages = extras.flatMap((extra) => extra.packages).join(' ')
  return `sudo apt-get install --no-install-recommends ${packages}`
}

/** The browser for tests: the one the user names, else Debian's. */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  return [env.CHROMIUM, '/usr/bin/chromium'].find((path) => path !== undefined && existsSync(path))
}
