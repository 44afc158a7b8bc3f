/**
 * Runs inside the switch of the LLDP test: waits until the neighbor's word is in LLDP-MIB, reads it and the bridge's tables as the agent does,
 * and writes one line of JSON: table → [OID, value] pairs. Exit code 1 with a sentence when nobody came in time.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { snmpReader } from '../../agent/src/adapters/snmp-session.ts'
import { tableOids } from '../../agent/src/core/neighbor-tables.ts'
import type { SnmpValues } from '../../agent/src/ports/index.ts'

const deadlineMs = 20_000

async function read(oid: string): Promise<SnmpValues> {
  const pace = { timeoutMs: 1_000, retries: 0, maySend: () => true }
  const options = { community: 'public', ...pace, maxRows: 256, octets: 'hex' } as const
  const outcome = await snmpReader.walk('127.0.0.1', oid, options)
  return outcome.kind === 'values' ? outcome.values : new Map()
}

const startedMs = performance.now()
let lldp = await read(tableOids.lldp)
while (lldp.size === 0 && performance.now() - startedMs < deadlineMs) {
  await wait(50)
  lldp = await read(tableOids.lldp)
}
if (lldp.size === 0) {
  process.stderr.write('no LLDP neighbor in time\n')
  process.exit(1)
}
const told = {
  lldp: [...lldp],
  ports: [...(await read(tableOids.ports))],
  portInterfaces: [...(await read(tableOids.portInterfaces))],
}
process.stdout.write(`${JSON.stringify(told)}\n`)
