import type { AgentStatus } from './agent-deps.ts'

/** How the agent stands, in lines for a person. */
export function statusText(status: AgentStatus): string {
  const { connection, spool, presence, recorder } = status
  const uplink = connection.uplinkId === undefined ? '' : ` by ${connection.uplinkId}`
  return [
    connection.isConnected
      ? `Connected to the cloud${uplink}.`
      : `Not connected to the cloud (${connection.reason ?? 'no try yet'}).`,
    `Devices: ${presence.present} of ${presence.known} answer; networks: ${status.plan.networks.join(', ') || 'none'}.`,
    ...(status.inventory.refused === 0
      ? []
      : [`Sightings of new devices that found no room: ${status.inventory.refused}.`]),
    ...status.uplinks.map(
      ({ id, hasCarrier, isGatewayReachable, isWanUp }) =>
        `Uplink ${id}: ${hasCarrier ? 'link up' : 'no link'}, gateway ${word(isGatewayReachable)}, internet ${word(isWanUp)}.`,
    ),
    ...status.publicAddresses.map(
      ({ uplinkId, address }) => `Public address of ${uplinkId}: ${address}, as the cloud sees it.`,
    ),
    `Spool: ${spool.records} messages, ${spool.bytes} bytes; dropped ${spool.dropped + recorder.lostEntries}; lost in crashes ${recorder.lostWindowMs} ms.`,
    `Clock ${status.clock}; up ${status.upSeconds} s; version ${status.version}; configuration ${status.desiredVersion}.`,
    ...status.refused.map(({ path, reason }) => `Refused ${path}: ${reason}.`),
  ].join('\n')
}

function word(state: boolean | null): string {
  return state === null ? 'not judged yet' : state ? 'answers' : 'silent'
}
