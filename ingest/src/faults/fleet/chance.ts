import type { FleetState } from './model.ts'
import { patience } from './patience.ts'

const dayMs = 86_400_000

/** Chance that one Location gets into trouble within this time, as far as has been seen. */
export function baseRate({ aloneCount, locationDays }: FleetState, windowMs: number): number {
  const perDay =
    (patience.priorPerDay * patience.priorDays + aloneCount) / (patience.priorDays + locationDays)
  return Math.min(0.5, (perDay * windowMs) / dayMs)
}

/**
 * Probability that at least `k` of `n` Locations are in trouble by chance, each with probability `p`, independently of the others
 * (upper tail of the binomial distribution). Summed from its largest term, so that it is exact enough far below 1e-300 would matter.
 */
export function chanceOfAtLeast(k: number, n: number, p: number): number {
  if (k <= 0) return 1
  if (k > n || p <= 0) return 0
  if (p >= 1) return 1
  // Below the mean the tail is no small number, and nothing is decided by its digits.
  if (k <= n * p) return 1
  let logTerm = logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p)
  let sum = 0
  for (let i = k; i <= n; i += 1) {
    const term = Math.exp(logTerm)
    sum += term
    if (term < sum * 1e-12) break
    logTerm += Math.log(((n - i) / (i + 1)) * (p / (1 - p)))
  }
  return Math.min(1, sum)
}

/**
 * Probability that, one Location having got into trouble, so many of its group are in trouble by chance, itself included: asked each time one does, so
 * that the one that asks is no part of the coincidence.
 */
export function chanceOfCompany(k: number, n: number, p: number): number {
  return chanceOfAtLeast(k - 1, n - 1, p)
}

/** How much better "they share one fault" accounts for k of n than chance does (log-likelihood ratio); 0 where it does not. */
export function evidenceFor(k: number, n: number, p: number): number {
  const share = Math.min(1, k / Math.max(1, n))
  if (share <= p) return 0
  const hit = k * Math.log(share / p)
  return share >= 1 ? hit : hit + (n - k) * Math.log((1 - share) / (1 - p))
}

/** ln(n choose k) by Stirling's series for ln Γ (Abramowitz & Stegun 6.1.41). */
function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k)
}

function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1
    for (let i = 2; i <= n; i += 1) product *= i
    return Math.log(product)
  }
  const x = n + 1
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3)
}
