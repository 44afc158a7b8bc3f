import type { AgentStatus } from './agent-deps.ts'

/** Newest events that a person is shown; all of them are in `--json`. */
const mostShown = 15

/** How the agent stands, in lines for a person. */
export function statusText(status: AgentStatus): string {
  const { connection, spool, presence, recorder } = status
  const uplink = connection.uplinkId === undefined ? '' : ` by ${connection.uplinkId}`
  return [
    connection.isConnected
      ? `Connected to the cloud${uplink}.`
      : `Not connected to the cloud (${connection.reason ?? 'no try yet'}).`,
    ...(status.claimAnew === null ? [] : [status.claimAnew]),
    `Devices: ${presence.present} of ${presence.known} answer; networks: ${status.plan.networks.join(', ') || 'none'}.`,
    ...(status.inventory.refused === 0
      ? []
      : [`Sightings of new devices that found no room: ${status.inventory.refused}.`]),
    ...(status.inventory.ignoredAddresses === 0
      ? []
      : [
          `MAC and IPv6 addresses that changed too often to be followed: ${status.inventory.ignoredAddresses}.`,
        ]),
    ...status.uplinks.map(
      ({ id, hasCarrier, isGatewayReachable, isWanUp }) =>
        `Uplink ${id}: ${hasCarrier ? 'link up' : 'no link'}, gateway ${word(isGatewayReachable)}, internet ${word(isWanUp)}.`,
    ),
    ...status.publicAddresses.map(
      ({ uplinkId, address }) => `Public address of ${uplinkId}: ${address}, as the cloud sees it.`,
    ),
    `Spool: ${spool.records} messages, ${spool.bytes} bytes; dropped ${spool.dropped + recorder.lostEntries + status.unsendable}; lost in crashes ${recorder.lostWindowMs} ms.`,
    `Clock ${status.clock}; up ${status.upSeconds} s; version ${status.version}; configuration ${status.desiredVersion}.`,
    ...status.refused.map(({ path, reason }) => `Refused ${path}: ${reason}.`),
    ...status.ailments.map(
      ({ deviceId, faults, sinceMs }) =>
        `${nameOf(status, deviceId)}: ${faults.join(', ')} since ${timeOf(sinceMs)}.`,
    ),
    ...historyTable(status),
  ].join('\n')
}

/** What happened to devices lately, a line each, the newest last. */
function historyTable(status: AgentStatus): string[] {
  const events = status.history.filter(({ kind }) => kind !== 'seen-first').slice(-mostShown)
  if (events.length === 0) return []
  const rows = events.map(({ atMs, deviceId, kind, before, after, isUnsynced }) => [
    `${timeOf(atMs)}${isUnsynced ? ' ?' : ''}`,
    nameOf(status, deviceId),
    kind.replaceAll('-', ' '),
    [before, after].filter((one) => one !== undefined).join(' → '),
  ])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return ['', 'What happened to devices lately (UTC):', ...rows.map(line)]
}

function nameOf({ devices }: AgentStatus, deviceId: string): string {
  const device = devices.find(({ id }) => id === deviceId)
  const name = device?.name ?? [device?.vendor, device?.model ?? device?.role].filter(Boolean).join(' ')
  const ip = device?.ips[0] === undefined ? '' : ` (${device.ips[0]})`
  return `${printable(name || deviceId)}${ip}`
}

/** Names come from the devices themselves; a terminal obeys what is no letter (C0, bidirectional overrides). */
const printable = (text: string) => text.replaceAll(/\p{C}/gu, '?').slice(0, 40)

function timeOf(atMs: number): string {
  const at = new Date(atMs)
  return Number.isNaN(at.getTime()) ? '?' : at.toISOString().slice(0, 16).replace('T', ' ')
}

function word(state: boolean | null): string {
  return state === null ? 'not judged yet' : state ? 'answers' : 'silent'
}
