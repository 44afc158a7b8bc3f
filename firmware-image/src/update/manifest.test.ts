import { describe, expect, it } from 'vitest'
import { cycloneDx, debianComponents, npmComponents } from './manifest.ts'

describe('the bill of materials', () => {
  it('names each Debian package by its purl, with its checksum', () => {
    const [component] = debianComponents(
      [{ name: 'libstdc++6', version: '14.2.0-19', sha256: 'ab', bytes: 1, folder: '/x' }],
      'arm64',
    )
    expect(component?.purl).toBe('pkg:deb/debian/libstdc%2B%2B6@14.2.0-19?arch=arm64')
    expect(component?.sha256).toBe('ab')
  })

  it('names the npm packages whose code the bundles took, nested and scoped ones too, each once', () => {
    const inputs = [
      'agent/src/main.ts',
      'node_modules/mqtt/lib/client.js',
      'node_modules/mqtt/lib/store.js',
      'node_modules/@noble/hashes/sha2.js',
      'node_modules/mqtt/node_modules/ws/index.js',
    ]
    const versions = new Map([
      ['node_modules/mqtt', '5.16.0'],
      ['node_modules/@noble/hashes', '2.0.1'],
      ['node_modules/mqtt/node_modules/ws', '8.18.0'],
    ])
    expect(npmComponents(inputs, (folder) => versions.get(folder)).map(({ purl }) => purl)).toEqual([
      'pkg:npm/%40noble/hashes@2.0.1',
      'pkg:npm/mqtt@5.16.0',
      'pkg:npm/ws@8.18.0',
    ])
  })

  it('is the same for the same image', () => {
    const image = { name: 'proactive-pi', version: '1.0.0', epoch: 1_790_000_000 }
    const made = cycloneDx(image, [{ name: 'node', version: '24.21.0', purl: 'pkg:npm/node@24.21.0' }])
    expect(made).toEqual(
      cycloneDx(image, [{ name: 'node', version: '24.21.0', purl: 'pkg:npm/node@24.21.0' }]),
    )
    expect(made).toMatchObject({
      bomFormat: 'CycloneDX',
      metadata: { timestamp: '2026-09-21T14:13:20.000Z', component: { type: 'firmware' } },
    })
  })
})
