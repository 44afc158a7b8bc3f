import names from './cisco-products.json' with { type: 'json' }

/**
 * What Cisco's products are called by the number behind `1.3.6.1.4.1.9.1.` in sysObjectID (CISCO-PRODUCTS-MIB). Asked only where the
 * device has no ENTITY-MIB: the real order number (`WS-C3560G-24TS-S`) stands there.
 */
export const ciscoModelById = { prefix: '9.1.', names: new Map<string, string>(Object.entries(names)) }
