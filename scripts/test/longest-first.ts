import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that take over a minute, the longest first: one of them started last would be waited for alone. Those with a browser, which take the
 * cores, stand between those that mostly wait.
 */
const longest = [
  'test/contract/helpdesk-request-tracker.test.ts',
  'test/e2e/console.test.ts',
  'test/e2e/switch-and-processor.test.ts',
  'test/e2e/terminals.test.ts',
  'test/e2e/durability.test.ts',
  'test/e2e/router-and-wan.test.ts',
  'test/e2e/console-administration.test.ts',
  'test/e2e/dark-provider.test.ts',
  'test/e2e/helpdesk-walk-through.test.ts',
  'test/e2e/dark-power.test.ts',
  'test/e2e/start.test.ts',
  'test/e2e/console-merchant.test.ts',
  'test/e2e/dark-router.test.ts',
  'test/e2e/no-fault.test.ts',
  'test/e2e/console-set-up.test.ts',
]

const rankOf = ({ moduleId }: TestSpecification) => {
  const rank = longest.findIndex((path) => moduleId.endsWith(path))
  return rank === -1 ? longest.length : rank
}

/** Within a group, over all its projects, starts the longest files first; the others follow as vitest has them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.sort((a, b) => groupOf(a) - groupOf(b) || rankOf(a) - rankOf(b))
  }
}

const groupOf = ({ project }: TestSpecification) => project.config.sequence.groupOrder
