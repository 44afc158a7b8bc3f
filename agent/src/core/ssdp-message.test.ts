import { describe, expect, it } from 'vitest'
import { parseDescription, parseSsdpMessage } from './ssdp-message.ts'

const message = (...lines: string[]) => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
const alive = (...more: string[]) =>
  message('NOTIFY * HTTP/1.1', 'HOST: 239.255.255.250:1900', 'NTS: ssdp:alive', ...more)

describe('an SSDP message', () => {
  it('tells what a device is and where its description lies', () => {
    expect(
      parseSsdpMessage(
        alive(
          'NT: urn:schemas-upnp-org:device:InternetGatewayDevice:1',
          'server:Linux UPnP/1.1 MiniUPnPd/2.2',
          'Location: http://192.0.2.1:5000/rootDesc.xml',
        ),
      ),
    ).toEqual({
      st: 'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
      server: 'Linux UPnP/1.1 MiniUPnPd/2.2',
      location: { host: '192.0.2.1', port: 5_000, path: '/rootDesc.xml' },
    })
    expect(parseSsdpMessage(message('HTTP/1.1 200 OK', 'ST: upnp:rootdevice'))).toEqual({
      st: 'upnp:rootdevice',
    })
  })

  it.each([
    ['a search', message('M-SEARCH * HTTP/1.1', 'MAN: "ssdp:discover"')],
    ['a goodbye', message('NOTIFY * HTTP/1.1', 'NTS: ssdp:byebye')],
    ['noise', Buffer.alloc(64, 0xff)],
    ['what is too long', alive(`SERVER: ${'x'.repeat(3_000)}`)],
  ])('says nothing as %s', (_, packet) => {
    expect(parseSsdpMessage(packet)).toBeUndefined()
  })

  it.each([
    'https://192.0.2.1/x',
    'http://router.example/x',
    'http://user@192.0.2.1/x',
    'http://192.0.2.1:0/x',
    'http://192.0.2.1:99999/x',
    'http://192.0.2.1/a b',
    'http://[fe80::1]/x',
    'file:///etc/passwd',
  ])('never names %s as a place to look', (location) => {
    expect(parseSsdpMessage(alive(`LOCATION: ${location}`))).toEqual({})
  })
})

describe('a device description', () => {
  it('tells maker, model and serial number of the root device', () => {
    const xml = `<?xml version="1.0"?><root><device><deviceType>urn:x:device:Printer:1</deviceType>
      <friendlyName>Receipts &amp; Co</friendlyName><manufacturer>EPSON</manufacturer><modelName>TM-T88VI</modelName>
      <serialNumber>X3WN001234</serialNumber><deviceList><device><modelName>inner</modelName></device></deviceList></device></root>`
    expect(parseDescription(xml)).toEqual({
      deviceType: 'urn:x:device:Printer:1',
      friendlyName: 'Receipts & Co',
      manufacturer: 'EPSON',
      modelName: 'TM-T88VI',
      serial: 'X3WN001234',
    })
  })

  it('that is broken or meant to expand gives no more than its plain words', () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "${'lol'.repeat(20)}"><!ENTITY b "&a;&a;">]><modelName>&b;</modelName>`
    expect(parseDescription(bomb)).toEqual({ modelName: '&b;' })
    expect(parseDescription('<modelName>')).toEqual({})
    expect(parseDescription(`<modelName>${'x'.repeat(100_000)}`)).toEqual({})
    expect(parseDescription(`<modelName>${'x'.repeat(9_000)}</modelName>`).modelName).toHaveLength(120)
  })
})
