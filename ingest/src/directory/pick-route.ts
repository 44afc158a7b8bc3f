import type { RoutingRule } from '@proactive/shared/http'

/**
 * The most telling rule for a fault (ADR 013): the one that names its product; else the one that names its role alone, or a product *for* that role
 * (the internet line and the payment processor are no devices, their rule carries product and role); else the fallback, which names neither.
 */
export function pickRoute(
  rules: readonly RoutingRule[],
  question: { readonly productId?: string | undefined; readonly role?: string | undefined },
): RoutingRule | undefined {
  const byProduct = rules.find(
    (rule) => rule.productId !== undefined && rule.productId === question.productId,
  )
  if (byProduct) return byProduct
  const ofRole = rules.filter((rule) => rule.role !== undefined && rule.role === question.role)
  return (
    ofRole.find((rule) => rule.productId === undefined) ??
    ofRole[0] ??
    rules.find((rule) => rule.productId === undefined && rule.role === undefined)
  )
}
