import { join } from 'node:path'
import { inspectBundle } from '../../firmware-image/src/update/bundle.ts'
import { keysIn } from '../../firmware-image/src/update/keys.ts'
import { expectThat, type FirmwareCase, imageOf } from './case.ts'
import { makeForgeries, refusalOf } from './forgeries.ts'
import { testKeysFolder } from './images.ts'

export const bundleCases: readonly FirmwareCase[] = [
  {
    name: 'RAUC of the appliance’s release takes the bundle and refuses tampered, unsigned and foreign ones',
    needs: ['amd64'],
    async run(bench) {
      const { tools, folder } = bench
      const image = imageOf(bench, 'amd64')
      const { ca } = keysIn(testKeysFolder)
      const good = await inspectBundle(tools, image.bundle, ca)
      expectThat(good.compatible === image.manifest.compatible, `the bundle is for ${good.compatible}`)
      const seen = []
      for (const [name, bundle] of Object.entries(
        await makeForgeries(tools, image.bundle, join(folder, 'forgeries')),
      )) {
        const words = await refusalOf(tools, bundle, ca, folder)
        expectThat(words !== undefined, `the ${name} bundle was taken`)
        seen.push(`${name}: ${words}`)
      }
      return seen.join('; ')
    },
  },
]
