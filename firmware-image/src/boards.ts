import type { Architecture } from './archive/suite.ts'
import type { DiskSizes } from './disk/layout.ts'

export type BoardName = 'amd64' | 'pi' | 'pi5'

export interface Board {
  readonly name: BoardName
  readonly architecture: Architecture
  /** For people: what it runs on, and how far that is proven. */
  readonly description: string
  readonly kernelPackages: readonly string[]
  /** Beside what all boards have. */
  readonly packages: readonly string[]
  /** Folders of `overlay/boards` laid over the common ones. */
  readonly overlays: readonly string[]
  /** What goes onto the FAT partition, as patterns of paths inside the packages. */
  readonly bootFiles: readonly string[]
  readonly configTxt?: string
  /** What leads to the root partition. */
  readonly initrdModules: readonly string[]
  readonly sizes: DiskSizes
}

const sizes: DiskSizes = { bootMib: 128, slotMib: 512, dataMib: 64 }

const virtioModules = [
  'virtio_pci',
  'virtio_mmio',
  'virtio_blk',
  'virtio_scsi',
  'sd_mod',
  'crc32c_generic',
  'ext4',
]

/** SD card, USB drive or NVMe of a Raspberry Pi, with the clocks, supplies and firmware calls they hang on. */
const piModules = [
  ...virtioModules,
  'raspberrypi-hwmon',
  'clk-raspberrypi',
  'gpio-raspberrypi-exp',
  'reset-raspberrypi',
  'i2c-bcm2835',
  'bcm2835-dma',
  'gpio-regulator',
  'fixed',
  'bcm2835',
  'sdhci-iproc',
  'sdhci-brcmstb',
  'mmc_block',
  'pcie-brcmstb',
  'phy-generic',
  'dwc2',
  'xhci-pci',
  'xhci-plat-hcd',
  'usb-storage',
  'uas',
  'nvme',
]

const piPackages = [
  'raspi-firmware',
  'u-boot-rpi',
  'firmware-brcm80211',
  'wpasupplicant',
  'iw',
  'wireless-regdb',
]

const piBootFiles: readonly string[] = [
  'usr/lib/raspi-firmware/bootcode.bin',
  'usr/lib/raspi-firmware/start*.elf',
  'usr/lib/raspi-firmware/fixup*.dat',
  'usr/lib/{linux-image-*,modules/*/dtb}/broadcom/bcm283*.dtb',
  'usr/lib/{linux-image-*,modules/*/dtb}/broadcom/bcm27*.dtb',
  'usr/lib/u-boot/rpi_arm64/u-boot.bin',
]

const piConfigTxt = `# Read by the Raspberry Pi's own firmware. It starts U-Boot, which chooses the slot (boot.scr).
arm_64bit=1
enable_uart=1
kernel=u-boot.bin
upstream_kernel=1
disable_splash=1
gpu_mem=16
`

export const boards: Readonly<Record<BoardName, Board>> = {
  amd64: {
    name: 'amd64',
    architecture: 'amd64',
    description: 'a virtual machine, for tests and for trying out',
    kernelPackages: ['linux-image-cloud-amd64'],
    packages: [],
    overlays: ['amd64'],
    bootFiles: [],
    initrdModules: virtioModules,
    sizes,
  },
  pi: {
    name: 'pi',
    architecture: 'arm64',
    description: 'Raspberry Pi 3 and 4 (booted in QEMU through U-Boot; not proven on hardware)',
    kernelPackages: ['linux-image-arm64'],
    packages: piPackages,
    overlays: ['pi'],
    bootFiles: piBootFiles,
    configTxt: piConfigTxt,
    initrdModules: piModules,
    sizes,
  },
  pi5: {
    name: 'pi5',
    architecture: 'arm64',
    description: 'Raspberry Pi 5 (built, not proven on hardware; its Ethernet needs the kernel of backports)',
    kernelPackages: ['linux-image-arm64/trixie-backports'],
    packages: piPackages,
    overlays: ['pi'],
    bootFiles: piBootFiles,
    configTxt: piConfigTxt,
    initrdModules: [...piModules, 'rp1_pci', 'clk-rp1', 'pinctrl-rp1', 'sdhci-of-dwcmshc'],
    sizes,
  },
}

/** The userland of every board, each with what it is there for. */
export const commonPackages: Readonly<Record<string, string>> = {
  'base-files': 'the folders',
  dash: 'sh',
  coreutils: 'cp, dd, od … for the few shell scripts',
  grep: 'shell scripts',
  sed: 'shell scripts',
  gzip: 'the CRC of the boot state',
  diffutils: 'cmp, for the boot state',
  'util-linux': 'flock, blkdiscard',
  mount: 'mount, umount',
  systemd: 'services, network, journal',
  'systemd-sysv': 'init',
  'systemd-resolved': 'the resolver that DHCP names',
  'systemd-timesyncd': 'time from the network, kept over a power cut',
  udev: 'devices by name',
  dbus: 'RAUC’s door',
  kmod: 'kernel modules',
  iproute2: 'the agent reads addresses, routes and neighbours',
  'iputils-ping': 'a technician’s "ping now"',
  fping: 'round-trip times',
  netbase: 'the names of protocols, without which fping does not start',
  'arp-scan': 'devices that hide from ICMP',
  tcpdump: 'devices that talk to nobody but the router',
  e2fsprogs: 'checking and growing the data partition',
  rauc: 'signed updates',
  'rauc-service': 'signed updates',
  'libstdc++6': 'Node',
  libatomic1: 'Node',
}

/** Packages that only matter while something is being installed, which never happens on the appliance. */
export const installerPackages =
  /^(adduser|debconf|debianutils|dpkg|gcc-\d+-base|init-system-helpers|initramfs-tools.*|libpam-modules.*|libpam-runtime|linux-base|login\.defs|mawk|passwd|perl.*|readline-common|tar|ucf|libsemanage.*|libsepol2|dbus-session-bus-common|dracut.*|cpio|klibc-utils|libklibc|busybox|logsave|libaudit-common|linux-image-arm64|linux-image-cloud-amd64|linux-modules-arm64|dosfstools|base-passwd|libdebconfclient0|libdb5.3t64)$/
