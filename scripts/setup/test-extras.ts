import { existsSync } from 'node:fs'

/** Something tests use that works only when it is really installed. */
export interface TestExtra {
  readonly packages: readonly string[]
  /** A file that is there when it is installed. */
  readonly proof: string
  /** What stays untested without it. */
  readonly neededFor: string
  /** Answers to the packages' own questions (debconf-set-selections(1)), set before the installation. */
  readonly preseed?: readonly string[]
}

/** The database of the package's own instance; tests use instances of their own beside it. */
const requestTrackerAnswers = [
  'request-tracker5 request-tracker5/dbconfig-install boolean true',
  'request-tracker5 request-tracker5/database-type select sqlite3',
  'request-tracker5 request-tracker5/rtname string proactive-ci',
  'request-tracker5 request-tracker5/organization string proactive.test',
  'request-tracker5 request-tracker5/webbaseurl string http://127.0.0.1:8081',
  'request-tracker5 request-tracker5/handle-siteconfig-permissions boolean true',
  'request-tracker5 request-tracker5/install-cronjobs boolean false',
  'request-tracker5 request-tracker5/initial-root-password password proactive-ci-only',
]
const redmineAnswers = [
  'redmine redmine/instances/default/dbconfig-install boolean true',
  'redmine redmine/instances/default/database-type select sqlite3',
]

export const testExtras: readonly TestExtra[] = [
  { packages: ['chromium'], proof: '/usr/bin/chromium', neededFor: 'the console in a real browser' },
  {
    // msmtp-mta: a mail transport without a daemon, so that no mail server comes along.
    packages: ['rt5-db-sqlite', 'rt5-standalone', 'request-tracker5', 'msmtp-mta'],
    proof: '/usr/sbin/rt-setup-database-5',
    neededFor: 'Issues at a real Request Tracker',
    preseed: requestTrackerAnswers,
  },
  {
    packages: ['redmine', 'redmine-sqlite'],
    proof: '/usr/share/redmine/config.ru',
    neededFor: 'Issues at a real Redmine',
    preseed: redmineAnswers,
  },
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
