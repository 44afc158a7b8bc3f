import { describe, expect, it } from 'vitest'
import { configSchema } from './config-file.ts'
import { agentSettings, networkFiles, wifiFile } from './network-files.ts'

const config = (value: unknown) => configSchema.parse(value)
const network = { address: '192.168.1.50/24', gateway: '192.168.1.1', dns: ['192.168.1.1', '9.9.9.9'] }
const wifi = { ssid: 'Café "1"', password: 'say "hello" \\ now', country: 'DE' }

describe('what the configuration makes of the network', () => {
  it('asks the router for an address unless one is set', () => {
    const [file] = networkFiles(config({}))
    expect(file?.name).toBe('10-eth0.network')
    expect(file?.text).toContain('DHCP=ipv4')
    expect(file?.text).toContain('ClientIdentifier=mac')
    const [fixed] = networkFiles(config({ network }))
    expect(fixed?.text).toContain(
      'Address=192.168.1.50/24\nGateway=192.168.1.1\nDNS=192.168.1.1\nDNS=9.9.9.9',
    )
    expect(fixed?.text).not.toContain('DHCP=')
  })

  it('never speaks LLMNR or mDNS on the Location’s network', () => {
    for (const { text } of networkFiles(config({ network, wifi })))
      expect(text).toMatch(/LLMNR=no\nMulticastDNS=no/)
  })

  it('gives a fixed address to Wi-Fi where that is set up, and DHCP to the wire', () => {
    const files = networkFiles(config({ network, wifi }))
    expect(files.map(({ name }) => name)).toEqual(['10-wlan0.network', '20-eth0.network'])
    expect(files[1]?.text).toContain('DHCP=ipv4')
  })

  it('writes a network name so that no character of it can end the setting', () => {
    const text = wifiFile(wifi)
    expect(text).toContain(`ssid=${Buffer.from(wifi.ssid).toString('hex')}\n`)
    expect(text).toContain('psk="say "hello" \\ now"\n')
  })

  it('gives the agent its way out unless one is named', () => {
    expect(agentSettings(config({ agent: { networks: ['10.0.0.0/24'] } }))).toMatchObject({
      networks: ['10.0.0.0/24'],
      uplinks: [{ id: 'primary', interface: 'eth0' }],
    })
    expect(agentSettings(config({ wifi }))).toMatchObject({ uplinks: [{ interface: 'wlan0' }] })
    const proxy = 'http://proxy.example.net:3128'
    expect(agentSettings(config({ proxy }))).toMatchObject({ proxy })
    const uplinks = [{ id: 'lte', kind: 'backup', interface: 'usb0' }]
    expect(agentSettings(config({ agent: { uplinks } }))).toMatchObject({ uplinks })
  })
})
