import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Toolbox } from '../archive/toolbox.ts'
import { moduleOrder } from '../boot/initrd.ts'
import { runTool } from './tool.ts'

/**
 * What the appliance's kernel may need at run time: its board, wired and wireless network, LTE sticks, the file systems and
 * mappings of updates, and what makes a network inside a test. All else of Debian's 4,000 modules stays out.
 */
const wanted = [
  /^kernel\/drivers\/net\/(phy|mdio|pcs|usb|ethernet\/(broadcom|cadence|intel\/e1000e?|realtek))\//,
  /^kernel\/drivers\/net\/(veth|tun|dummy|macb|virtio_net|net_failover|mii|usb)/,
  /^kernel\/net\/core\/failover/,
  /^kernel\/drivers\/net\/wireless\/broadcom\//,
  /^kernel\/net\/(wireless|mac80211|rfkill|bridge|802|llc|packet|ipv6|8021q|qrtr|mctp)\//,
  /^kernel\/drivers\/(mmc|usb\/(host|storage|serial|class|dwc2|core|common|roles|phy)|phy|clk|gpio|pinctrl|reset|regulator|firmware|mfd|rtc|watchdog|thermal|hwmon|pwm|i2c\/busses\/i2c-bcm|soc|nvmem|mailbox|dma|char\/hw_random|leds|misc\/rp1|pci\/controller|power|cpufreq)/,
  /^kernel\/drivers\/(virtio|nvme|block\/(virtio_blk|loop|nbd)|scsi\/(scsi_mod|sd_mod|virtio_scsi|scsi_common)|firmware\/qemu_fw_cfg)/,
  /^kernel\/drivers\/md\/(dm-mod|dm-verity|dm-bufio|persistent-data\/)/,
  /^kernel\/fs\/(ext4|jbd2|mbcache|fat|nls|squashfs|overlayfs|autofs|fuse|binfmt_misc)/,
  /^kernel\/(crypto|lib|arch)\//,
  /^kernel\/drivers\/(crypto\/ccree|of|base|input\/evdev|char\/tpm)/,
]

/** Big, or of no use to a box without screen, sound or camera. */
const unwanted = [
  /\/(drm|media|sound|infiniband|isdn|staging|iio|video)\//,
  /\/usb\/(gadget|musb|atm|misc)\//,
  /\/mmc\/host\/(sdhci-(acpi|esdhc|msm|tegra|sprd|xenon|cadence|of-(aspeed|at91))|meson|mtk|sunxi|dw_mmc|toshsd|vub300)/,
]

/** Leaves the modules that are wanted, with all they need, and indexes them anew. */
export async function pruneModules(
  tools: Toolbox,
  tree: string,
  version: string,
): Promise<{ readonly kept: number; readonly of: number }> {
  const folder = join(tree, 'usr/lib/modules', version)
  await runTool('depmod', ['-b', join(tree, 'usr'), version], { env: tools.env })
  const modulesDep = await readFile(join(folder, 'modules.dep'), 'utf8')
  const all = modulesDep
    .split('\n')
    .flatMap((line) => (line.includes(':') ? [line.slice(0, line.indexOf(':'))] : []))
  const chosen = all.filter(
    (path) => wanted.some((pattern) => pattern.test(path)) && !unwanted.some((pattern) => pattern.test(path)),
  )
  const kept = new Set(moduleOrder(modulesDep, chosen))
  for (const path of all) if (!kept.has(path)) await rm(join(folder, path))
  for (const entry of await readdir(folder)) {
    // What depmod made is made again; the lists of built-in modules are the kernel's own.
    if (/^modules\./.test(entry) && !/^modules\.(builtin|builtin\.modinfo|order)$/.test(entry))
      await rm(join(folder, entry))
  }
  const order = await readFile(join(folder, 'modules.order'), 'utf8').catch(() => '')
  await rm(join(folder, 'modules.order'), { force: true })
  await writeFile(
    join(folder, 'modules.order'),
    order
      .split('\n')
      .filter((path) => kept.has(path) || kept.has(`${path}.xz`))
      .map((path) => `${path}\n`)
      .join(''),
  )
  await runTool('depmod', ['-b', join(tree, 'usr'), version], { env: tools.env })
  return { kept: kept.size, of: all.length }
}
