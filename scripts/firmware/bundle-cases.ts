import { join } from 'node:path'
import { rm } from 'node:fs/promises'
import { runTool } from '../../firmware-image/src/root/tool.ts'
import { inspectBundle } from '../../firmware-image/src/update/bundle.ts'
import { keysIn } from '../../firmware-image/src/update/keys.ts'
import { expectThat, type FirmwareCase, imageOf } from './case.ts'
import { makeForgeries, testKeysFolder } from './images.ts'

/** The last sentence of a tool's complaint. */
const lastSentence = (error: unknown): string =>
  error instanceof Error ? (error.message.split('/').at(-1)?.trim() ?? '') : String(error)

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
        const refusal = await inspectBundle(tools, bundle, ca).then(
          () => undefined,
          (error: unknown) => lastSentence(error),
        )
        // Content is checked block by block when it is read, not by its signature.
        const isContent = name === 'tampered content'
        const words = refusal ?? (isContent ? await extractFails(bundle) : undefined)
        expectThat(words !== undefined, `the ${name} bundle was taken`)
        seen.push(`${name}: ${words}`)
      }
      return seen.join('; ')

      async function extractFails(bundle: string): Promise<string | undefined> {
        const into = join(folder, 'extracted')
        try {
          await runTool('rauc', [`--keyring=${ca}`, 'extract', bundle, into], { env: tools.env })
          return undefined
        } catch (error) {
          return lastSentence(error)
        } finally {
          await rm(into, { recursive: true, force: true })
        }
      }
    },
  },
]
