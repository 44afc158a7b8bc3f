import { open } from 'node:fs/promises'
import { expectThat, type FirmwareCase, imageOf } from './case.ts'

/** Counts where two files differ. */
async function differingBytes(one: string, other: string): Promise<number> {
  const [a, b] = await Promise.all([open(one, 'r'), open(other, 'r')])
  try {
    const [left, right] = [Buffer.alloc(1 << 20), Buffer.alloc(1 << 20)]
    let count = Math.abs((await a.stat()).size - (await b.stat()).size)
    for (;;) {
      const [{ bytesRead: m }, { bytesRead: n }] = await Promise.all([
        a.read(left, 0, left.length, null),
        b.read(right, 0, right.length, null),
      ])
      const common = Math.min(m, n)
      if (common === 0) return count
      if (!left.subarray(0, common).equals(right.subarray(0, common)))
        for (let at = 0; at < common; at++) if (left[at] !== right[at]) count++
    }
  } finally {
    await Promise.all([a.close(), b.close()])
  }
}

export const reproducibleCase: FirmwareCase = {
  name: 'two builds of the same inputs are equal',
  needs: ['amd64', 'amd64Again'],
  async run(bench) {
    const [first, second] = [imageOf(bench, 'amd64'), imageOf(bench, 'amd64Again')]
    expectThat(first.manifest.inputs === second.manifest.inputs, 'the inputs were not the same')
    const root = await differingBytes(first.rootImage, second.rootImage)
    const disk = await differingBytes(first.disk, second.disk)
    expectThat(
      root === 0 && disk === 0,
      `${root} bytes of the root file system differ, ${disk} of the disk image`,
    )
    const bundle = await differingBytes(first.bundle, second.bundle)
    return `0 bytes differ in rootfs.ext4 and disk.img; ${bundle} in the bundle (a hash tree with a new salt, and the signature)`
  },
}
