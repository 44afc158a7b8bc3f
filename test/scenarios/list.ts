import { comingAndGoingScenarios } from './coming-and-going.ts'
import { darkScenarios } from './dark.ts'
import { lineScenarios } from './lines.ts'
import { parentScenarios } from './parents.ts'
import type { Scenario } from './scenario.ts'

/** Every story that is written down as a fixture. */
export const scenarios: readonly Scenario[] = [
  ...parentScenarios,
  ...comingAndGoingScenarios,
  ...darkScenarios,
  ...lineScenarios,
]
