import type { Product } from '@proactive/shared/http'

export interface ProductMatch {
  readonly productId: string
  readonly name: string
  /** True where a person said so; false where role and words suggest it. */
  readonly isConfirmed: boolean
}

/**
 * Proposes the product a device belongs to, until a person confirms one. Only products of the device's role count; of several, the one whose name
 * shares most words with the device's vendor, model and name wins; a tie proposes nothing, because a wrong desk is worse than "Not listed".
 */
export function proposeProduct(
  products: readonly Product[],
  device: {
    readonly role: string
    readonly name?: string | undefined
    readonly vendor?: string | undefined
    readonly model?: string | undefined
  },
): ProductMatch | undefined {
  const candidates = products.filter((product) => product.role === device.role)
  const words = wordsOf([device.vendor, device.model, device.name].join(' '))
  const ranked = candidates
    .map((product) => ({
      product,
      score: [...wordsOf(product.name)].filter((word) => words.has(word)).length,
    }))
    .sort((a, b) => b.score - a.score)
  const [best, second] = ranked
  if (best === undefined || (second !== undefined && second.score === best.score)) return undefined
  return { productId: best.product.id, name: best.product.name, isConfirmed: false }
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
}
