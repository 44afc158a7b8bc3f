import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { createBudget } from '../core/budget.ts'
import { nameOids } from '../core/interfaces.ts'
import type { SnmpV3User } from '../ports/index.ts'
import { loadLibrary, snmpReader } from './snmp-session.ts'

const ip = '127.0.0.79'
const user: SnmpV3User = {
  ...{ user: 'box', authProtocol: 'sha', authKey: 'authentic-1', privProtocol: 'aes', privKey: 'private-2' },
}
const sysName = '1.3.6.1.2.1.1.5.0'
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Where port 161 may not be bound, or is somebody's, there is nothing to count; any other failure is one. */
const unlessAllowed = (skip: () => never) => (error: NodeJS.ErrnoException) => {
  if (error.syscall === 'bind') skip()
  throw error
}

/** A switch of so many ports on UDP 161 of a loopback address of its own; counts what really arrives there. */
async function networkSwitch(ports: number, hears = (_: number) => true) {
  const library = await loadLibrary()
  const { MaxAccess, MibProviderType, ObjectType, AuthProtocols, PrivProtocols, SecurityLevel } = library
  const agent = library.createAgent({ port: 161, address: ip }, () => undefined)
  ends.push(() => agent.close())
  const [socket] = Object.values<Socket>(agent.listener.sockets)
  if (socket === undefined) throw new Error('no socket')
  await once(socket, 'listening')
  let arrived = 0
  const [answer] = socket.listeners('message')
  socket.removeAllListeners('message')
  socket.on('message', (...datagram: unknown[]) => {
    arrived++
    if (hears(arrived)) answer?.(...datagram)
  })
  const authorizer = agent.getAuthorizer()
  authorizer.addCommunity('public')
  authorizer.addUser({
    ...{ name: user.user, level: SecurityLevel.authPriv, authProtocol: AuthProtocols.sha },
    ...{ authKey: user.authKey, privProtocol: PrivProtocols.aes, privKey: user.privKey },
  })
  const readable = MaxAccess['read-only']
  const mib = agent.getMib()
  mib.registerProvider({
    ...{ name: 'sysName', type: MibProviderType.Scalar, oid: sysName.slice(0, -2) },
    ...{ scalarType: ObjectType.OctetString, maxAccess: readable },
  })
  mib.setScalarValue('sysName', 'sw-1')
  const columns = [
    { number: 1, name: 'index', type: ObjectType.Integer, maxAccess: readable },
    { number: 2, name: 'description', type: ObjectType.OctetString, maxAccess: readable },
    { number: 3, name: 'type', type: ObjectType.Integer, maxAccess: readable },
  ]
  mib.registerProvider({
    ...{ name: 'ifEntry', type: MibProviderType.Table, oid: '1.3.6.1.2.1.2.2.1' },
    ...{ tableColumns: columns, tableIndex: [{ columnName: 'index' }] },
  })
  for (let port = 1; port <= ports; port++) mib.addTableRow('ifEntry', [port, `GigabitEthernet0/${port}`, 6])
  return { arrived: () => arrived }
}

function paying(most = Number.POSITIVE_INFINITY) {
  const budget = createBudget(() => 0)
  budget.setPopulation('network', 10)
  let allowed = most
  const maySend = () => allowed-- > 0 && budget.take('network', 1)
  const spent = () => budget.figures().find((figures) => figures.class === 'network')?.spent
  return { options: { community: 'public', timeoutMs: 200, retries: 0, maySend }, spent }
}

describe('what SNMP costs', () => {
  it('is paid datagram by datagram: each step of a walk over a switch of 52 ports, 32 rows at a time', async ({
    skip,
  }) => {
    const at = await networkSwitch(52).catch(unlessAllowed(skip))
    const { options, spent } = paying()
    for (const column of [nameOids.type, nameOids.description]) {
      const outcome = await snmpReader.walk(ip, column, { ...options, maxRows: 128 })
      expect(outcome.kind === 'values' ? outcome.values.size : outcome).toBe(52)
    }
    expect(at.arrived()).toBe(4)
    expect(spent()).toBe(4)
  })

  it('counts the discovery of v3 and the retry after a lost datagram', async ({ skip }) => {
    // The first question is lost.
    const at = await networkSwitch(1, (arrived) => arrived > 1).catch(unlessAllowed(skip))
    const { options, spent } = paying()
    const again = { ...options, retries: 1 }
    expect(await snmpReader.get(ip, [sysName], again)).toMatchObject({ kind: 'values' })
    expect([at.arrived(), spent()]).toEqual([2, 2])
    expect(await snmpReader.get(ip, [sysName], { ...again, v3: user })).toMatchObject({ kind: 'values' })
    expect(at.arrived()).toBeGreaterThan(3)
    expect(spent()).toBe(at.arrived())
  })

  it('ends a walk that cannot be paid to its end, without half of a table', async ({ skip }) => {
    const at = await networkSwitch(100).catch(unlessAllowed(skip))
    const { options, spent } = paying(2)
    expect(await snmpReader.walk(ip, nameOids.type, { ...options, maxRows: 128 })).toEqual({
      kind: 'refused',
    })
    expect([at.arrived(), spent()]).toEqual([2, 2])
  })
})
