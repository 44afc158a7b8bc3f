import { ProactiveError } from '@proactive/shared'
import { claim } from '../../../agent/src/claim.ts'
import { loadInstallation } from '../../../agent/src/settings/load-settings.ts'

/**
 * `proactive-agent claim -` as a program of its own: a claim needs a tenth of what the agent loads to run, and on a small board
 * loading is what it takes longest for. The bundle comes by standard input; what goes wrong is one sentence on stderr.
 */
process.umask(0o077)
const { dataDir, settings } = loadInstallation(process.env)
try {
  await claim(dataDir, '-', { proxy: settings.proxy })
} catch (error) {
  if (!(error instanceof ProactiveError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
