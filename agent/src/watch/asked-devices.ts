import type { Device } from '@proactive/shared'
import { isInsideAny } from '../core/networks.ts'
import type { Links } from './links.ts'

/** Addresses of one device that are asked when it is missed. */
const mostAddresses = 3

export function ipsOf(device: Device): string[] {
  return device.ips.filter((ip) => !ip.includes(':')).slice(0, mostAddresses)
}

/** Whether a device got another address since it was looked up to be asked: its silence at the old one says nothing then. */
export function hasUnaskedAddress(asked: Device, now: Device | undefined): boolean {
  return now !== undefined && ipsOf(now).some((ip) => !asked.ips.includes(ip))
}

/** Whether an address lies in a configured network that this machine is not attached to. */
export function isBehindRouter(links: Pick<Links, 'attachedNetworks'>, ip: string): boolean {
  const attached = links.attachedNetworks()
  return attached.length > 0 && !isInsideAny(attached, ip)
}
