import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOutgoingGuard, isRefusedAddress, RefusedUrlError } from './guard.ts'

const names = new Map([
  ['public.example', ['93.184.216.34']],
  ['inside.example', ['10.0.0.7']],
  ['both.example', ['93.184.216.34', '169.254.169.254']],
])
const resolve = async (host: string) => names.get(host) ?? []
const check = (url: string, allowed: string[] = []) =>
  createOutgoingGuard(allowed, resolve).check(new URL(url))

describe('an outgoing address', () => {
  it('may lead to the public internet by https', async () => {
    expect(await check('https://public.example/hook')).toEqual(['93.184.216.34'])
    expect(await check('https://[2606:2800:220:1::1]/')).toEqual(['2606:2800:220:1::1'])
  })

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://0/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[fe80::1]/',
    'https://[fd00::1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://192.168.77.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://inside.example/',
    'https://both.example/',
    'https://unknown.example/',
    'https://user:pw@public.example/',
    'http://public.example/',
  ])('is refused: %s', async (url) => {
    await expect(check(url)).rejects.toBeInstanceOf(RefusedUrlError)
  })

  it('is allowed where whoever runs it listed the host', async () => {
    expect(await check('http://inside.example:8080/x', ['inside.example:8080'])).toEqual(['10.0.0.7'])
    await expect(check('http://inside.example:8081/x', ['inside.example:8080'])).rejects.toBeInstanceOf(
      RefusedUrlError,
    )
    expect(await check('http://127.0.0.1:9/x', ['127.0.0.1'])).toEqual(['127.0.0.1'])
  })

  it('is refused for every private IPv4 address, however it is written inside IPv6', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('10', '127', '0'),
        fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)),
        (first, rest) => {
          const address = [first, ...rest].join('.')
          return isRefusedAddress(address) && isRefusedAddress(`::ffff:${address}`)
        },
      ),
    )
  })
})
