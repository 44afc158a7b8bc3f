import { addresses, names } from '../../test/lab/topology.ts'

/** The second way out has no resolver on its gateway. */
const backup = {
  id: 'backup',
  kind: 'backup',
  interface: 'wan1',
  localAddress: addresses.applianceBackup,
  gateway: addresses.backup,
  resolvers: [addresses.dns],
}

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
    alternativeResolvers: [addresses.dns],
    snmpCommunity: 'public',
    isClockTrusted: true,
  }
}
