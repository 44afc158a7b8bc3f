import { addresses, createTopology, names } from '../../test/lab/topology.ts'

/** The second way out has no resolver on its gateway. */
const backup = {
  id: 'backup',
  kind: 'backup',
  interface: 'wan1',
  localAddress: addresses.applianceBackup,
  gateway: addresses.backup,
  resolvers: [addresses.dns],
}

/** pos-3 runs on a battery and sleeps when idle; no evidence on the wire tells that, a technician does. */
const sleepers = createTopology({ hasBackupUplink: false })
  .nodes.filter((node) => node.name === 'pos-3')
  .map((node) => ({ deviceId: `mac-${node.mac.replaceAll(':', '')}`, isSleeper: true }))

/**
 * The configuration a technician would put on the appliance of the virtual Location: the network it may look at, its ways out,
 * what to ask of the internet. Products and payment paths come from the cloud.
 */
export function labAgentConfig(hasBackupUplink: boolean): unknown {
  return {
    networks: [addresses.lan],
    uplinks: [
      { id: 'primary', kind: 'primary', interface: 'eth0', localAddress: addresses.appliance },
      ...(hasBackupUplink ? [backup] : []),
    ],
    firstHop: addresses.provider,
    internetTargets: addresses.targets,
    dnsNames: [names.processor],
    speedUrl: `http://${addresses.targets[1]}/`,
    alternativeResolvers: [addresses.dns],
    devices: sleepers,
    snmpCommunity: 'public',
    isClockTrusted: true,
  }
}
