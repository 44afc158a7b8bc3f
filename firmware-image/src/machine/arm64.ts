import type { Toolbox } from '../archive/toolbox.ts'
import type { MachineOptions, Meter } from './machine.ts'

export interface GuestOptions {
  readonly disk: string
  readonly memoryMib: number
  /** Two unless given. */
  readonly processors?: number
  /** Changes to the disk are forgotten when the machine ends. */
  readonly isSnapshot?: boolean
  /** A restart ends the machine instead. */
  readonly isOneBoot?: boolean
  /** TCP ports of the guest's only neighbour, 10.0.2.100, each leading to a port of our own loopback. */
  readonly forwards?: readonly { readonly guestPort: number; readonly hostPort: number }[]
  readonly extraArgs?: readonly string[]
  readonly logFile?: string
  readonly meter?: Meter
}

/** The one address a guest can reach beside its gateway. */
export const GUEST_NEIGHBOR = '10.0.2.100'

/** QEMU's arm64 board started by U-Boot from the disk, as a Pi is. Emulated (TCG) everywhere: KVM is not to be counted on. */
export function arm64Machine(tools: Toolbox, options: GuestOptions): MachineOptions {
  return {
    command: 'qemu-system-aarch64',
    args: [
      '-M',
      'virt',
      '-cpu',
      'cortex-a72',
      '-accel',
      'tcg,thread=multi',
      '-bios',
      tools.uBootArm64,
      ...commonArgs(tools, options),
    ],
    env: tools.env,
    ...recording(options),
  }
}

/** What a machine leaves behind beside its disk. */
export const recording = ({ logFile, meter }: GuestOptions): Pick<MachineOptions, 'logFile' | 'meter'> => ({
  ...(logFile === undefined ? {} : { logFile }),
  ...(meter === undefined ? {} : { meter }),
})

export function commonArgs(tools: Toolbox, options: GuestOptions): string[] {
  const {
    disk,
    memoryMib,
    processors = 2,
    isSnapshot = false,
    isOneBoot = false,
    forwards,
    extraArgs = [],
  } = options
  return [
    '-smp',
    String(processors),
    '-m',
    String(memoryMib),
    ...tools.qemuDataFolders.flatMap((folder) => ['-L', folder]),
    '-display',
    'none',
    '-nodefaults',
    '-serial',
    'stdio',
    '-monitor',
    'none',
    '-drive',
    `if=none,id=disk,format=raw,file=${disk},cache=writeback,discard=unmap${isSnapshot ? ',snapshot=on' : ''}`,
    '-device',
    'virtio-blk-pci,drive=disk',
    '-device',
    'virtio-rng-pci',
    ...(isOneBoot ? ['-no-reboot'] : []),
    ...(forwards === undefined ? [] : networkArgs(forwards)),
    ...extraArgs,
  ]
}

/**
 * A network that ends at QEMU: `restrict=on` lets nothing through but the named connections to our loopback. Each starts
 * its own socat (`-cmd:`); the plain form would be one connection for the whole life of the machine.
 */
function networkArgs(forwards: NonNullable<GuestOptions['forwards']>): string[] {
  const rules = forwards.map(
    ({ guestPort, hostPort }) =>
      `,guestfwd=tcp:${GUEST_NEIGHBOR}:${guestPort}-cmd:socat - TCP:127.0.0.1:${hostPort}`,
  )
  return [
    '-netdev',
    `user,id=net,restrict=on${rules.join('')}`,
    '-device',
    'virtio-net-pci,netdev=net,romfile=',
  ]
}
