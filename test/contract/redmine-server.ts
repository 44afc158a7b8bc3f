import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runProgram } from '../../scripts/process/run-program.ts'
import { installCommand, testExtras } from '../../scripts/setup/test-extras.ts'

const application = '/usr/share/redmine'
/** The migrated database of the package's own instance; ours begins as a copy. */
const migratedDatabase = '/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default'
/** Ruby starts behind the tests that are timed (`nice`), so it may wait long for a core. */
const stepDeadlineMs = 240_000
/** All steps together. */
export const startDeadlineMs = 3 * stepDeadlineMs

/** Projects of the test instance, by the Team that they belong to. */
export const projectByTeam = new Map([
  ['team-network', 'network'],
  ['team-pos', 'pos'],
])

/** Why there can be no Redmine here, with the command that brings it; undefined = there can. */
export function whyNoRedmine(): string | undefined {
  const extra = testExtras.find(({ packages }) => packages.includes('redmine'))
  if (!existsSync(join(application, 'config.ru')) || !existsSync(migratedDatabase))
    return `Redmine is not installed; run: ${installCommand(extra === undefined ? [] : [extra])}`
  return process.getuid?.() === 0 ? undefined : 'Redmine’s database template is root’s; run the tests as root'
}

/** A Redmine of its own on loopback: two projects, the key field, our user and Nora. */
export async function startRedmine() {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-redmine-'))
  for (const name of ['config', 'tmp/cache', 'log', 'files'])
    mkdirSync(join(folder, name), { recursive: true })
  copyFileSync(migratedDatabase, join(folder, 'db.sqlite'))
  writeFileSync(join(folder, 'config', 'database.yml'), databaseText(folder))
  writeFileSync(join(folder, 'config', 'secret_key.txt'), '0123456789abcdef'.repeat(4))
  // WEBrick is no part of Redmine's own list of gems.
  writeFileSync(join(folder, 'Gemfile'), `eval_gemfile '${application}/Gemfile'\ngem 'webrick'\n`)
  writeFileSync(join(folder, 'set-up.rb'), setUpScript)
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: folder,
    LANG: 'C.UTF-8',
    RAILS_ENV: 'production',
    BUNDLE_GEMFILE: join(folder, 'Gemfile'),
    // Debian's name of an instance is a folder under /var/lib/redmine; this one climbs out of it to ours.
    X_DEBIAN_SITEID: `../../../..${folder}`,
  }
  const ruby = async (...command: string[]) => {
    const result = await runProgram('nice', ['-n', '10', 'bundle', ...command], {
      cwd: application,
      env,
      timeoutMs: stepDeadlineMs,
    })
    if (result.code !== 0) throw new Error(`Redmine was not set up: ${result.stderr.slice(-2_000)}`)
    return result.stdout
  }
  await ruby('install', '--local', '--quiet')
  const output = await ruby('exec', 'ruby', 'bin/rails', 'runner', join(folder, 'set-up.rb'))
  const keys = JSON.parse(output.trim().split('\n').at(-1) ?? '') as { bot: string; nora: string }
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const serverArgs = ['-u', 'webrick', '-b', '127.0.0.1', '-p', `${port}`, '-P', join(folder, 'server.pid')]
  const child = spawn('nice', ['-n', '10', 'bundle', 'exec', 'ruby', 'bin/rails', 'server', ...serverArgs], {
    cwd: application,
    env,
    stdio: 'ignore',
    detached: true,
  })
  const stop = async () => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await ready(url, child)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, token: keys.bot, agentToken: keys.nora, stop }
}
export type Redmine = Awaited<ReturnType<typeof startRedmine>>

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await exited
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + stepDeadlineMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error('Redmine ended while it started')
    const answer = await fetch(`${url}/users/current.json`).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.status === 401) return
    await delay(200)
  }
  throw new Error('Redmine did not get ready')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  server.close()
  await once(server, 'close')
  return port
}

const databaseText = (folder: string) => `production:
  adapter: sqlite3
  database: ${folder}/db.sqlite
  timeout: 15000
`

const setUpScript = `
require 'json'
Redmine::DefaultData::Loader.load('en') if Redmine::DefaultData::Loader.no_data?
Setting.rest_api_enabled = '1'
def person(login)
  user = User.new(firstname: login.capitalize, lastname: 'Test', mail: "#{login}@proactive.test", language: 'en')
  user.login = login
  user.password = user.password_confirmation = 'proactive-ci-1'
  user.save!
  user
end
people = %w[proactive nora].map { |login| person(login) }
role = Role.find_by(name: 'Manager')
tracker = Tracker.first
projects = %w[network pos bare].map do |name|
  project = Project.new(name: name, identifier: name)
  project.enabled_module_names = ['issue_tracking']
  project.trackers = [tracker]
  project.save!
  people.each { |user| member = Member.new(project: project, principal: user); member.roles = [role]; member.save! }
  project
end
field = IssueCustomField.new(name: 'ProactiveKey', field_format: 'string', is_filter: true, is_for_all: false)
field.trackers = [tracker]
field.projects = projects.first(2)
field.save!
puts JSON.generate(bot: people[0].api_key, nora: people[1].api_key)
`
