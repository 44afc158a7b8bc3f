import { addresses, names } from '../../test/lab/topology.ts'

/**
 * The configuration a technician would put on the appliance of the virtual Location: the network it may look at, its ways out,
 * what to ask of the internet. Products and payment paths come from the cloud.
 */
export function labAgentConfig(hasBackupUplink: boolean): unknown {
  return {
    networks: [addresses.lan],
    uplinks: [
      { id: 'primary', kind: 'primary', interface: 'eth0' },
      ...(hasBackupUplink
        ? [{ id: 'backup', kind: 'backup', interface: 'wan1', localAddress: addresses.applianceBackup }]
        : []),
    ],
    firstHop: addresses.provider,
    internetTargets: addresses.targets,
    dnsNames: [names.processor],
    isClockTrusted: true,
  }
}
