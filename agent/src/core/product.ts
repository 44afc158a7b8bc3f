import type { DeviceEvidence } from '@proactive/shared'
import { identifyByEvidence, type Verdict } from '../identify/index.ts'

/** What the agent would say a device is. A model only where a device's own words carry it. */
export interface ProductGuess extends Omit<Verdict, 'evidence'> {
  readonly name?: string
}

/** Guesses from the evidence collected so far. Pure: the same evidence gives the same guess; what fits best wins, not what came last. */
export function guessProduct(evidence: readonly DeviceEvidence[], isGateway: boolean): ProductGuess {
  const said = (key: string) => evidence.find((item) => item.key === key)?.value
  const { evidence: _, ...verdict } = identifyByEvidence(evidence, isGateway)
  const name = said('sysName') ?? said('hostname') ?? said('ptr')
  return { ...verdict, ...(name === undefined || name === '' ? {} : { name }) }
}
