import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { FetchedPackage } from '../archive/suite.ts'

export interface Artifact {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

export async function describeArtifact(path: string): Promise<Artifact> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return { file: basename(path), bytes: (await stat(path)).size, sha256: hash.digest('hex') }
}

/** Something of others that is in the image. */
export interface Component {
  readonly name: string
  readonly version: string
  /** Package URL (purl specification). */
  readonly purl: string
  readonly sha256?: string
}

export const debianComponents = (packages: readonly FetchedPackage[], architecture: string): Component[] =>
  packages.map(({ name, version, sha256 }) => ({
    name,
    version,
    purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`,
    sha256,
  }))

/** The packages esbuild took code from, by the paths of its inputs. */
export function npmComponents(
  inputs: readonly string[],
  versionOf: (folder: string) => string | undefined,
): Component[] {
  const folders = new Set(
    inputs.flatMap((input) => input.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []),
  )
  return [...folders].sort().flatMap((folder) => {
    const version = versionOf(folder)
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return version === undefined
      ? []
      : [{ name, version, purl: `pkg:npm/${name.replace('@', '%40')}@${version}` }]
  })
}

/** A software bill of materials in CycloneDX 1.6 JSON. No random serial number: the same image has the same bill. */
export function cycloneDx(
  image: { name: string; version: string; epoch: number },
  components: readonly Component[],
): unknown {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: new Date(image.epoch * 1000).toISOString(),
      component: { type: 'firmware', 'bom-ref': 'image', name: image.name, version: image.version },
    },
    components: components.map(({ name, version, purl, sha256 }) => ({
      type: 'library',
      'bom-ref': purl,
      name,
      version,
      purl,
      ...(sha256 === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: sha256 }] }),
    })),
  }
}
