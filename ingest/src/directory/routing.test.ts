import type { Product, RoutingRule } from '@proactive/shared/http'
import { describe, expect, it } from 'vitest'
import { pickRoute } from './pick-route.ts'
import { proposeProduct } from './propose-product.ts'

function rule(id: string, change: Partial<RoutingRule> = {}): RoutingRule {
  return {
    id,
    locationId: 'loc-1',
    organizationId: 'org-1',
    teamId: `team-${id}`,
    mode: 'collaborative',
    ...change,
  }
}

describe('routing', () => {
  const rules = [
    rule('fallback'),
    rule('routers', { role: 'router' }),
    rule('terminal-x', { productId: 'prod-x' }),
    rule('line', { productId: 'prod-line', role: 'internet' }),
    rule('terminals', { role: 'pos-terminal' }),
  ]
  it.each([
    ['the product before its role', { productId: 'prod-x', role: 'pos-terminal' }, 'terminal-x'],
    ['the role where no rule names the product', { productId: 'prod-y', role: 'pos-terminal' }, 'terminals'],
    ['the role alone', { role: 'router' }, 'routers'],
    ['a product for a role that is no device', { role: 'internet' }, 'line'],
    ['the fallback where nothing tells more', { role: 'printer' }, 'fallback'],
    ['the fallback where nothing is known', {}, 'fallback'],
  ])('picks %s', (_, question, expected) => {
    expect(pickRoute(rules, question)?.id).toBe(expected)
  })

  it('knows nobody where not even a fallback stands', () => {
    expect(pickRoute([rule('routers', { role: 'router' })], { role: 'printer' })).toBeUndefined()
  })
})

describe('product of a device', () => {
  const product = (id: string, name: string, role: Product['role']): Product => ({
    id,
    locationId: 'loc-1',
    name,
    role,
    deviceIds: [],
  })
  const products = [
    product('vx', 'Verifone Vx520', 'pos-terminal'),
    product('pax', 'PAX A920', 'pos-terminal'),
    product('printer', 'Receipt printer', 'printer'),
  ]
  it.each([
    ['vendor and model', { role: 'pos-terminal', vendor: 'VERIFONE', model: 'Vx520' }, 'vx'],
    ['vendor alone', { role: 'pos-terminal', vendor: 'PAX Computer' }, 'pax'],
    ['being the only one of its role', { role: 'printer', vendor: 'Epson' }, 'printer'],
  ])('is proposed by %s', (_, device, expected) => {
    expect(proposeProduct(products, device)).toMatchObject({ productId: expected, isConfirmed: false })
  })
  it.each([
    ['two are as likely', { role: 'pos-terminal', vendor: 'Ingenico' }],
    ['none has its role', { role: 'camera' }],
  ])('is none where %s', (_, device) => {
    expect(proposeProduct(products, device)).toBeUndefined()
  })
})
