import netSnmp from 'net-snmp'
import type { Snmp, SnmpOutcome } from '../ports/index.ts'

/**
 * SNMP v2c reads by net-snmp. Each session gets an `'error'` listener before anything else: without one a two-byte datagram from
 * the LAN ends the process. One socket per question, closed whatever happens.
 */
export const snmpReader: Snmp = {
  get: (ip, oids, { community, timeoutMs, retries }) =>
    new Promise<SnmpOutcome>((resolve) => {
      const session = netSnmp.createSession(ip, community, {
        version: netSnmp.Version2c,
        timeout: timeoutMs,
        retries,
        backoff: 1,
      })
      let isOver = false
      const end = (outcome: SnmpOutcome) => {
        if (isOver) return
        isOver = true
        clearTimeout(guard)
        resolve(outcome)
        session.close()
      }
      const guard = setTimeout(() => end({ kind: 'timeout' }), timeoutMs * (retries + 1) + 500)
      session.on('error', (error: Error) => end({ kind: 'error', detail: error.message.slice(0, 120) }))
      session.get([...oids], (error: Error | null, varbinds) => {
        if (error) {
          const isSilent = error.name === 'RequestTimedOutError'
          end(isSilent ? { kind: 'timeout' } : { kind: 'error', detail: error.message.slice(0, 120) })
          return
        }
        const values = new Map<string, number | string>()
        for (const varbind of varbinds ?? []) {
          if (netSnmp.isVarbindError(varbind)) continue
          const value = decode(varbind.type, varbind.value)
          if (value !== undefined) values.set(varbind.oid, value)
        }
        end({ kind: 'values', values })
      })
    }),
}

function decode(type: number | undefined, value: unknown): number | string | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return Number(value)
  if (!Buffer.isBuffer(value)) return undefined
  if (type === netSnmp.ObjectType.Counter64) {
    return value.length > 9 ? undefined : Number(BigInt(`0x${value.toString('hex') || '0'}`))
  }
  return value.toString('utf8').slice(0, 1_000)
}
