import type { Socket } from 'node:dgram'
import type { Session, User, Varbind } from 'net-snmp'
import type { Snmp, SnmpOptions, SnmpOutcome, SnmpV3User } from '../ports/index.ts'

/**
 * SNMP v2c and v3 reads by net-snmp. Each session gets an `'error'` listener before anything else: without one a two-byte datagram from
 * the LAN ends the process. One socket per question, closed whatever happens. The library is loaded with the first question.
 */
export const snmpReader: Snmp = {
  get: (ip, oids, options) =>
    withSession(ip, options, (session, end) => {
      session.get([...oids], (error: Error | null, varbinds) => end(error, varbinds ?? []))
    }),
  walk: (ip, oid, options) =>
    withSession(ip, options, (session, end) => {
      const rows: Varbind[] = []
      session.subtree(
        oid,
        Math.min(rowsPerPacket, options.maxRows),
        (varbinds) => {
          rows.push(...(varbinds as Varbind[]))
          // Returning true ends the walk.
          return rows.length >= options.maxRows
        },
        (error: Error | null) => end(error, rows.slice(0, options.maxRows)),
      )
    }),
}

/** Rows asked for at once: names and counters of so many fit into what a LAN carries in one piece; an agent with less room answers with fewer. */
const rowsPerPacket = 32
/** A walk takes several round trips; each has the session's own timeout. */
const maxRoundTrips = 10

type Library = typeof import('net-snmp')

type Ask = (session: Session, end: (error: Error | null, varbinds: readonly Varbind[]) => void) => void

async function withSession(ip: string, options: SnmpOptions, ask: Ask): Promise<SnmpOutcome> {
  const netSnmp = await loadLibrary()
  return askSession(netSnmp, openSession(netSnmp, ip, options), ip, options, ask)
}

export function openSession(
  netSnmp: Library,
  ip: string,
  { community, v3, timeoutMs, retries }: SnmpOptions,
): Session {
  const pace = { timeout: timeoutMs, retries, backoff: 1 }
  return v3 === undefined
    ? netSnmp.createSession(ip, community, { version: netSnmp.Version2c, ...pace })
    : netSnmp.createV3Session(ip, userOf(netSnmp, v3), { version: netSnmp.Version3, ...pace })
}

/** What the library keeps to itself: its socket, and what it does with datagrams. */
interface SessionInside {
  readonly dgram: Socket
  /** Each datagram leaves through it. */
  send(...question: readonly unknown[]): unknown
  onMsg(bytes: Buffer): void
}

/** Asks over a session and closes it. Whatever comes in from whomever ends as an outcome. */
export function askSession(
  netSnmp: Library,
  session: Session,
  ip: string,
  { timeoutMs, retries, octets, maySend }: Pick<SnmpOptions, 'timeoutMs' | 'retries' | 'octets' | 'maySend'>,
  ask: Ask,
): Promise<SnmpOutcome> {
  return new Promise((resolve) => {
    const inside = session as unknown as SessionInside
    // The library reads a datagram outside its own guard, and takes it from any host: an exception there would end the process.
    inside.dgram.removeAllListeners('message')
    inside.dgram.on('message', (bytes: Buffer, from: { readonly address: string }) => {
      if (from.address !== ip) return
      try {
        inside.onMsg(bytes)
      } catch (error) {
        const detail = error instanceof Error ? error.message : 'unreadable answer'
        end({ kind: 'error', detail: detail.slice(0, 120) })
      }
    })
    const send = inside.send.bind(session)
    inside.send = (...question) => {
      if (!isOver && maySend()) return send(...question)
      end({ kind: 'refused' })
      return session
    }
    let isOver = false
    const end = (outcome: SnmpOutcome) => {
      if (isOver) return
      isOver = true
      clearTimeout(guard)
      resolve(outcome)
      session.close()
    }
    const guard = setTimeout(() => end({ kind: 'timeout' }), timeoutMs * (retries + 1) * maxRoundTrips)
    session.on('error', (error: Error) => end({ kind: 'error', detail: error.message.slice(0, 120) }))
    ask(session, (error, varbinds) => {
      if (error) {
        const isSilent = error.name === 'RequestTimedOutError'
        end(isSilent ? { kind: 'timeout' } : { kind: 'error', detail: error.message.slice(0, 120) })
        return
      }
      end({ kind: 'values', values: readValues(netSnmp, varbinds, octets) })
    })
  })
}

function userOf(
  { AuthProtocols, PrivProtocols, SecurityLevel }: Library,
  { user, authProtocol, authKey, privProtocol, privKey }: SnmpV3User,
): User {
  return {
    name: user,
    level: SecurityLevel.authPriv,
    authProtocol: AuthProtocols[authProtocol],
    authKey,
    privProtocol: PrivProtocols[privProtocol],
    privKey,
  } as User
}

export async function loadLibrary(): Promise<Library> {
  const library = await import('net-snmp')
  return (library as unknown as { default: Library }).default ?? library
}

function readValues(
  netSnmp: Library,
  varbinds: readonly Varbind[],
  octets: SnmpOptions['octets'],
): Map<string, number | string> {
  const values = new Map<string, number | string>()
  for (const varbind of varbinds) {
    if (netSnmp.isVarbindError(varbind)) continue
    const value = decode(netSnmp, varbind.type, varbind.value, octets)
    if (value !== undefined) values.set(varbind.oid, value)
  }
  return values
}

function decode(
  netSnmp: Library,
  type: number | undefined,
  value: unknown,
  octets: SnmpOptions['octets'],
): number | string | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return Number(value)
  if (!Buffer.isBuffer(value)) return undefined
  if (type === netSnmp.ObjectType.Counter64) {
    return value.length > 9 ? undefined : Number(BigInt(`0x${value.toString('hex') || '0'}`))
  }
  return octets === 'hex' ? value.subarray(0, 500).toString('hex') : value.toString('utf8').slice(0, 1_000)
}
