import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { runProgram } from '../../scripts/process/run-program.ts'
import { programArgv } from '../../scripts/stack/paths.ts'

/** The agent as a person starts it, on a data folder of its own. */
describe('proactive-agent on the command line', () => {
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })

  function machine(settings?: string) {
    const folder = mkdtempSync(join(tmpdir(), 'agent-program-'))
    folders.push(folder)
    if (settings !== undefined) writeFileSync(join(folder, 'agent.json'), settings, { mode: 0o600 })
    return async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
      const [program, ...rest] = programArgv('agent', ...args)
      const ended = await runProgram(program, rest, {
        timeoutMs: 30_000,
        env: { PATH: process.env.PATH ?? '', PROACTIVE_DATA: folder, ...env },
      })
      const said = ended.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
      return { ...ended, said }
    }
  }

  it.each([
    ['{ "networks": [', /is not JSON .*: correct it, or remove the file/],
    ['{"networks": ["192.168.0.0/16"]}', /networks\.0: .*\/22 or smaller/],
    ['{"netwroks": []}', /there is no setting "netwroks"; remove it or correct its name/],
    ['{"speedUrl": "ftp://example.net"}', /speedUrl: must look like https/],
  ])('ends a broken agent.json in one sentence: %s', async (settings, sentence) => {
    const run = machine(settings)
    // Every command reads them the same way; one case tries all three.
    for (const command of settings.includes('netwroks') ? ['run', 'scan', 'doctor'] : ['run'])
      expect(await run([command])).toMatchObject({
        code: 2,
        stdout: '',
        said: [expect.stringMatching(sentence)],
      })
  })

  it('says that an appliance without identity has to be claimed', async () => {
    const { code, said } = await machine('{}')(['run'])
    expect({ code, said }).toEqual({
      code: 2,
      said: [expect.stringMatching(/claim it with "proactive-agent claim/)],
    })
  })

  it('says in one sentence that fping is missing, and goes on without', async () => {
    const run = machine('{"networks": []}')
    const withoutTools = { PATH: '/nowhere' }
    const { code, stdout } = await run(['doctor', '--offline', '--json'], withoutTools)
    expect(code).toBe(1)
    const { findings } = JSON.parse(stdout) as {
      findings: { check: string; state: string; sentence: string }[]
    }
    expect(findings.find(({ check }) => check === 'fping')).toEqual({
      check: 'fping',
      state: 'warn',
      sentence: expect.stringMatching(/^fping is missing: .*install the package fping\.$/),
    })
    const scan = await run(['scan', '--network', '192.0.2.0/30', '--json'], withoutTools)
    expect(scan.said[0]).toMatch(/^fping is missing: .*install the package fping\.$/)
  })

  it('says who has UDP 67 when another program has it', async ({ skip }) => {
    const holder = createSocket('udp4')
    const isHeld = await new Promise<boolean>((resolve) => {
      holder.once('error', () => resolve(false))
      holder.bind(67, '0.0.0.0', () => resolve(true))
    })
    if (!isHeld) skip('UDP 67 may not be bound here')
    try {
      const { stdout } = await machine('{}')(['doctor'])
      expect(stdout).toMatch(
        /^warn {2}DHCP port: UDP port 67 is in use by another program.*: stop the DHCP server/m,
      )
    } finally {
      holder.close()
    }
  })

  it('says that another agent works on this folder', async () => {
    const run = machine('{}')
    const other = createServer((socket) => socket.end())
    const folder = folders.at(-1) ?? ''
    await new Promise<void>((resolve) => other.listen(join(folder, 'agent.sock'), () => resolve()))
    try {
      const { code, said } = await run(['run'])
      expect({ code, said }).toEqual({ code: 2, said: [expect.stringMatching(/^Another agent is running/)] })
    } finally {
      other.close()
    }
  })

  it('tells usage by exit code 2, degraded by 3, and helps', async () => {
    const run = machine('{}')
    expect((await run(['frobnicate'])).code).toBe(2)
    expect((await run(['scan'])).said).toEqual([expect.stringMatching(/^No networks are set in .*--network/)])
    expect((await run(['scan', '--network', '10.0.0.0/8'])).said).toEqual([
      expect.stringMatching(/^--network: networks\.0: .*\/22/),
    ])
    const help = await run(['--help'])
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('Examples:') })
    expect((await run(['status'])).said).toEqual([expect.stringMatching(/^No agent is running on/)])
  })

  it('prints what completes its commands in a shell', async () => {
    const { code, stdout } = await machine('{}')(['completion', 'bash'])
    expect(code).toBe(0)
    for (const word of ['doctor', 'status', 'network', 'json']) expect(stdout).toContain(word)
    const trial = `${stdout}\nCOMP_WORDS=(proactive-agent doc); COMP_CWORD=1; _proactive_agent; echo "\${COMPREPLY[*]}"`
    expect((await runProgram('bash', ['-c', trial], { timeoutMs: 5_000 })).stdout.trim()).toBe('doctor')
  })
})
