import { describe, expect, it } from 'vitest'
import { countTests, formatCounts } from './summary.ts'

const report = (over: object) =>
  JSON.stringify({
    numPassedTests: 5,
    numFailedTests: 0,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [],
    ...over,
  })

describe('the last line of a test run', () => {
  it('counts what vitest reports', () => {
    expect(formatCounts(countTests(report({}), 0))).toBe('5 passed, 0 failed, 2 skipped')
  })

  it('counts a file that could not be loaded as a failure', () => {
    const broken = { testResults: [{ status: 'failed', assertionResults: [] }] }
    expect(countTests(report(broken), 1).failed).toBe(1)
  })

  it('counts a file whose preparation failed, beside its tests that were skipped for it', () => {
    const broken = { testResults: [{ status: 'failed', assertionResults: [{ status: 'skipped' }] }] }
    expect(countTests(report(broken), 1)).toEqual({ passed: 5, failed: 1, skipped: 2 })
  })

  it('never calls a run good that ended badly', () => {
    expect(countTests(report({}), 1).failed).toBe(1)
    expect(countTests(undefined, 0).failed).toBe(1)
  })

  it('counts failed tests once', () => {
    const failed = {
      numFailedTests: 2,
      testResults: [{ status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] }],
    }
    expect(countTests(report(failed), 1).failed).toBe(2)
  })
})
