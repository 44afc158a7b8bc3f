import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runProgram } from '../../scripts/process/run-program.ts'
import { installCommand, testExtras } from '../../scripts/setup/test-extras.ts'

const setUpProgram = '/usr/sbin/rt-setup-database-5'
/** Perl starts behind the tests that are timed (`nice`), so it may wait long for a core. */
const setUpDeadlineMs = 240_000
const readyWithinMs = 120_000
/** All steps together. */
export const startDeadlineMs = 2 * setUpDeadlineMs + readyWithinMs

/** Queues of the test instance, by the Team that they belong to. */
export const queueByTeam = new Map([
  ['team-network', 'Network'],
  ['team-pos', 'POS'],
])

/** Why there can be no Request Tracker here, with the command that brings it; undefined = there can. */
export function whyNoRequestTracker(): string | undefined {
  const extra = testExtras.find(({ packages }) => packages.includes('request-tracker5'))
  if (!existsSync(setUpProgram))
    return `Request Tracker is not installed; run: ${installCommand(extra === undefined ? [] : [extra])}`
  // Its page cache belongs to www-data: other users' servers die.
  return process.getuid?.() === 0 ? undefined : 'Request Tracker runs for root only; run the tests as root'
}

/** A Request Tracker of its own on loopback: two queues, the custom fields, a bot with a token, one agent per queue. */
export async function startRequestTracker() {
  const folder = mkdtempSync(join(tmpdir(), 'proactive-rt-'))
  const none = join(folder, 'none')
  mkdirSync(none)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const siteConfig = join(folder, 'RT_SiteConfig.pm')
  writeFileSync(siteConfig, siteConfigText(folder, port))
  writeFileSync(join(folder, 'proactive.data'), initialData)
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    RT_SITE_CONFIG: siteConfig,
    RT_SITE_CONFIG_DIR: none,
    RT_CI_TOKEN_FILE: join(folder, 'token'),
  }
  const setUp = async (...args: string[]) => {
    const command = [setUpProgram, '--skip-create', ...args]
    const result = await runProgram('nice', ['-n', '15', ...command], {
      cwd: folder,
      env,
      timeoutMs: setUpDeadlineMs,
    })
    if (result.code !== 0) throw new Error(`Request Tracker was not set up: ${result.stderr.slice(-2_000)}`)
  }
  await setUp('--action', 'init')
  await setUp('--action', 'insert', '--datafile', 'proactive.data')
  const [program = ''] = globSync('/usr/{lib,share}/request-tracker5/{libexec,bin}/rt-server')
  const serverArgs = ['--server', 'Starlet', '--host', '127.0.0.1', '--port', `${port}`, '--max-workers', '2']
  const child = spawn('nice', ['-n', '15', program, ...serverArgs], {
    env,
    cwd: folder,
    stdio: 'ignore',
    detached: true,
  })
  const tokens = readFileSync(join(folder, 'token'), 'utf8').trim().split('\n')
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
  return { url, token: tokens[0] ?? '', agentToken: tokens[1] ?? '', stop }
}
export type RequestTracker = Awaited<ReturnType<typeof startRequestTracker>>

/** Its workers are children of the server: the whole group goes. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await exited
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + readyWithinMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error('Request Tracker ended while it started')
    const answer = await fetch(`${url}/REST/2.0/rt`).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.status === 401) return
    await delay(200)
  }
  throw new Error('Request Tracker did not get ready')
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

const siteConfigText = (folder: string, port: number) => `
Set($rtname, 'proactive-ci'); Set($Organization, 'proactive.test');
Set($WebDomain, '127.0.0.1'); Set($WebPort, ${port}); Set($WebPath, ''); Set($WebBaseURL, 'http://127.0.0.1:${port}');
Set($DatabaseType, 'SQLite'); Set($DatabaseName, '${folder}/rtdb'); Set($MailCommand, 'testfile');
Set($LogToSyslog, undef); Set($LogToSTDERR, 'warning'); Set($Timezone, 'UTC'); 1;
`

/** RT's own initial data: a custom field is applied to its queues here. */
const initialData = `
@Queues = ({Name=>'Network'},{Name=>'POS'},{Name=>'Bare'});
@CustomFields = map {{Name=>$_,Type=>'FreeformSingle',LookupType=>'RT::Queue-RT::Ticket',Queue=>['Network','POS']}} qw(ProactiveKey Location Product);
@Users = ({Name=>'proactive-bot',EmailAddress=>'bot@proactive.test',Privileged=>1},
          {Name=>'nora',RealName=>'Nora Agent',EmailAddress=>'nora@proactive.test',Privileged=>1});
@Groups = ({Name=>'Proactive'});
@Members = map {{Group=>'Proactive',GroupDomain=>'UserDefined',Class=>'RT::User',Name=>$_}} qw(proactive-bot nora);
@ACL = map {{Right=>$_,GroupDomain=>'UserDefined',GroupId=>'Proactive'}} qw(SeeQueue CreateTicket ShowTicket ShowTicketComments CommentOnTicket ReplyToTicket ModifyTicket SeeCustomField ModifyCustomField OwnTicket TakeTicket ManageAuthTokens);
push @Final, sub {
  open my $f, '>', $ENV{RT_CI_TOKEN_FILE} or die;
  for my $name (qw(proactive-bot nora)) {
    my $u = RT::User->new(RT->SystemUser); $u->Load($name);
    my $t = RT::AuthToken->new(RT->SystemUser);
    my ($ok, $m, $s) = $t->Create(Owner => $u->id, Description => 'ci'); die $m unless $ok;
    print $f "$s\\n";
  }
  close $f };
1;
`
