import type { Device } from '@proactive/shared'

/** Addresses of one device that are asked when it is missed. */
const mostAddresses = 3

export function ipsOf(device: Device): string[] {
  return device.ips.filter((ip) => !ip.includes(':')).slice(0, mostAddresses)
}

/** Whether a device got another address since it was looked up to be asked: its silence at the old one says nothing then. */
export function hasUnaskedAddress(asked: Device, now: Device | undefined): boolean {
  return now !== undefined && ipsOf(now).some((ip) => !asked.ips.includes(ip))
}
