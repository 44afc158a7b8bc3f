import { expect } from 'vitest'
import type { Lab } from '../lab/lab.ts'

/** What a program on the appliance can find out; each question is asked from inside its namespace. */
export interface ApplianceView {
  hasCarrier(): Promise<boolean>
  /** MACs that answer an ARP request for an address. */
  macsOf(address: string): Promise<string[]>
  answersPing(address: string): Promise<boolean>
  /** Addresses that the resolver gives for a name; empty when it gives none within 2 s. */
  lookUp(name: string): Promise<string[]>
  /** `open`, or the error code of the attempt. */
  dial(address: string, port: number): Promise<string>
  /** As `dial`, with a TLS handshake checked against the processor's CA; `secure` when it worked. */
  shakeHands(caFile: string): Promise<string>
  /** The router's sysUpTime in ms, or undefined when its SNMP agent does not answer. */
  routerUptimeMs(): Promise<number | undefined>
  /** The router's interfaces by name, each with its wanted and its real state (IF-MIB). */
  routerPorts(): Promise<Record<string, string>>
}

export function viewFromAppliance(lab: Lab): ApplianceView {
  const text = async (argv: readonly string[]) => (await lab.exec('appliance', argv)).stdout.trim()
  const script = (code: string, ...args: readonly string[]) =>
    text([process.execPath, '--input-type=module', '-e', code, '--', ...args])
  return {
    hasCarrier: async () => (await text(['cat', '/sys/class/net/eth0/carrier'])) === '1',
    macsOf: async (address) => {
      const lines = await text([
        'arp-scan',
        '--interface=eth0',
        '--quiet',
        '--plain',
        '--retry=2',
        '--timeout=200',
        address,
      ])
      return [...new Set(lines.split('\n').flatMap((line) => line.split(/\s+/)[1] ?? []))].sort()
    },
    answersPing: async (address) =>
      (await lab.exec('appliance', ['fping', '-q', '-r', '1', '-t', '300', address])).code === 0,
    lookUp: async (name) => {
      const code = `import { Resolver } from 'node:dns/promises'
        const resolver = new Resolver({ timeout: 1000, tries: 2 })
        console.log((await resolver.resolve4(process.argv[1]).catch(() => [])).join(' '))`
      return (await script(code, name)).split(' ').filter((address) => address !== '')
    },
    dial: (address, port) =>
      script(
        `import { connect } from 'node:net'
        const socket = connect({ host: process.argv[1], port: Number(process.argv[2]) })
        const end = (word) => { console.log(word); process.exit() }
        socket.on('connect', () => end('open')).on('error', (error) => end(error.code))
        setTimeout(() => end('ETIMEDOUT'), 1500)`,
        address,
        String(port),
      ),
    shakeHands: (caFile) =>
      script(
        `import { readFileSync } from 'node:fs'
        import { connect } from 'node:tls'
        const socket = connect({ host: 'processor.example.net', port: 443, ca: readFileSync(process.argv[1]) })
        const end = (word) => { console.log(word); process.exit() }
        socket.on('secureConnect', () => end('secure')).on('error', (error) => end(error.code))
        setTimeout(() => end('ETIMEDOUT'), 2500)`,
        caFile,
      ),
    routerUptimeMs: async () => {
      const said = await script(`import snmp from 'net-snmp'
        const session = snmp.createSession('192.168.77.1', 'public', { version: snmp.Version2c, timeout: 500, retries: 1 })
        session.on('error', () => process.exit())
        session.get(['1.3.6.1.2.1.1.3.0'], (error, [value] = []) => {
          if (!error) console.log(value.value * 10)
          session.close()
        })`)
      return said === '' ? undefined : Number(said)
    },
    routerPorts: async () =>
      JSON.parse(
        await script(`import snmp from 'net-snmp'
        const session = snmp.createSession('192.168.77.1', 'public', { version: snmp.Version2c, timeout: 500, retries: 1 })
        session.on('error', () => process.exit())
        const state = (code) => (code === 1 ? 'up' : 'down')
        session.tableColumns('1.3.6.1.2.1.2.2', [2, 7, 8], (error, table) => {
          const rows = Object.values(error ? {} : table)
          console.log(JSON.stringify(Object.fromEntries(rows.map((row) => [String(row[2]), state(row[7]) + ' ' + state(row[8])]))))
          session.close()
        })`),
      ),
  }
}

/** Injects a fault that must be possible. */
export async function inject(lab: Lab, name: string, ...args: readonly string[]): Promise<void> {
  expect(await lab.fault(name, args)).toEqual({ ok: true })
}

/** Mends a fault that must be in force. */
export async function mend(lab: Lab, name: string, ...args: readonly string[]): Promise<void> {
  expect(await lab.heal(name, args)).toEqual({ ok: true })
}
