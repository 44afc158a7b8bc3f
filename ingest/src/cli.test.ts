import { describe, expect, it } from 'vitest'
import { type CliEnvironment, runCli } from './cli.ts'
import type { Config } from './config.ts'

function cli(env: NodeJS.ProcessEnv = {}, change: Partial<CliEnvironment> = {}) {
  const out: string[] = []
  const err: string[] = []
  const ran: Config[] = []
  const run = (argv: string[]) =>
    runCli(argv, {
      env,
      version: '1.2.3',
      print: (line) => out.push(line),
      printError: (line) => err.push(line),
      run: async (config) => void ran.push(config),
      migrate: async () => undefined,
      seedDemo: async () => ({
        locationId: 'loc',
        users: [{ title: 'T', sees: 'S', email: 'e', password: 'p' }],
      }),
      ...change,
    })
  return { run, out, err, ran }
}

describe('the command line', () => {
  it('runs with the configuration of the environment', async () => {
    const { run, ran } = cli({ PROACTIVE_WEB_PORT: '0' })
    expect(await run(['run'])).toBe(0)
    expect(ran[0]?.webPort).toBe(0)
  })

  it('only checks the configuration where asked to', async () => {
    const { run, ran, out } = cli()
    expect(await run(['run', '--config-check'])).toBe(0)
    expect([ran, out]).toEqual([[], ['The configuration is good.']])
  })

  it('ends a wrong configuration and a wrong command with exit code 2, a failure with 1', async () => {
    expect(await cli({ PROACTIVE_WEB_PORT: 'x' }).run(['run'])).toBe(2)
    expect(await cli().run(['frobnicate'])).toBe(2)
    const failing = cli(
      {},
      { run: () => Promise.reject(new Error('Port 1 is in use by process 7: end it.')) },
    )
    expect(await failing.run(['run'])).toBe(1)
    expect(failing.err).toEqual(['Port 1 is in use by process 7: end it.'])
  })

  it('tells its version, and examples in its help', async () => {
    const { run, out } = cli()
    expect(await run(['--version'])).toBe(0)
    expect(await run(['--help'])).toBe(0)
    expect(out[0]).toBe('1.2.3')
    expect(out.join('\n')).toContain('proactive-ingest doctor --json')
  })

  it("prints the demo's people as one JSON line where asked to", async () => {
    const { run, out } = cli()
    expect(await run(['seed-demo', '--json'])).toBe(0)
    expect(JSON.parse(out[0] ?? '')).toMatchObject({
      locationId: 'loc',
      users: [{ email: 'e', password: 'p' }],
    })
  })
})
