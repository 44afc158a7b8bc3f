import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { snmpReader } from '../../agent/src/adapters/snmp-session.ts'
import type { SnmpV3User } from '../../agent/src/ports/index.ts'
import { equipmentOids, powerFaults, printerFaults } from '../../agent/src/core/equipment.ts'

const address = '127.0.0.1'
const pace = { timeoutMs: 2_000, retries: 0, maySend: () => true }
const community = { community: 'public', ...pace }
const user: SnmpV3User = {
  ...{ user: 'box', authProtocol: 'sha', authKey: 'authentic-1', privProtocol: 'aes', privKey: 'private-2' },
}
const sysName = '1.3.6.1.2.1.1.5.0'
const { outputSource, batteryStatus } = equipmentOids.power

/** A real snmpd that plays a printer out of paper and a UPS on its battery; its port needs a network of one's own. */
describe('SNMP, on a real agent', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-snmp-'))
  let snmpd: ChildProcess | undefined
  let isUp = false

  beforeAll(async () => {
    const file = join(folder, 'snmpd.conf')
    writeFileSync(
      file,
      [
        `agentaddress udp:${address}:161`,
        'sysName box',
        'rocommunity public',
        `createUser ${user.user} SHA "${user.authKey}" AES "${user.privKey}"`,
        `rouser ${user.user} priv`,
        `override ${equipmentOids.printer.errorState} octet_str "@"`,
        `override ${outputSource} integer 5`,
        `override ${batteryStatus} integer 3`,
        '',
      ].join('\n'),
    )
    snmpd = spawn('snmpd', ['-f', '-Lo', '-r', '-C', '-c', file], {
      env: { ...process.env, MIBS: '', SNMP_PERSISTENT_DIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    isUp = await new Promise((resolve) => {
      snmpd?.once('error', () => resolve(false))
      snmpd?.once('exit', () => resolve(false))
      snmpd?.stdout?.on('data', (chunk: Buffer) => /NET-SNMP version/.test(chunk.toString()) && resolve(true))
    })
  })
  afterAll(async () => {
    if (snmpd !== undefined && snmpd.exitCode === null) {
      const over = once(snmpd, 'exit')
      snmpd.kill('SIGKILL')
      await over
    }
    rmSync(folder, { recursive: true, force: true })
  })

  it('is read by v2c and, with authentication and privacy, by v3', async ({ skip }) => {
    if (!isUp) skip('no snmpd on UDP 161 here')
    for (const options of [community, { community: '', v3: user, ...pace }]) {
      const outcome = await snmpReader.get(address, [sysName], options)
      expect(outcome.kind === 'values' ? outcome.values.get(sysName) : outcome).toBe('box')
    }
    const octets = await snmpReader.walk(address, '1.3.6.1.2.1.31.1.1.1.6', {
      ...{ community: '', v3: user, ...pace, maxRows: 8 },
    })
    // 64-bit counters (ifHCInOctets) arrive as numbers.
    expect(octets.kind === 'values' ? [...octets.values.values()] : octets).toEqual(
      expect.arrayContaining([expect.any(Number)]),
    )
  })

  it('refuses a wrong key without ending anything', async ({ skip }) => {
    if (!isUp) skip('no snmpd on UDP 161 here')
    const wrong = { community: '', v3: { ...user, authKey: 'something-else' }, ...pace }
    expect(await snmpReader.get(address, [sysName], wrong)).toMatchObject({ kind: 'error' })
    expect((await snmpReader.get(address, [sysName], community)).kind).toBe('values')
  })

  it('tells what ails a printer and a UPS', async ({ skip }) => {
    if (!isUp) skip('no snmpd on UDP 161 here')
    const read = async (oids: readonly string[]) => {
      const outcome = await snmpReader.get(address, oids, { ...community, octets: 'hex' })
      return outcome.kind === 'values' ? outcome.values : new Map<string, number | string>()
    }
    const { errorState } = equipmentOids.printer
    expect(printerFaults((await read([errorState])).get(errorState))).toEqual(['no paper'])
    expect(powerFaults(await read(Object.values(equipmentOids.power)))).toEqual(['on battery', 'battery low'])
  })
})
