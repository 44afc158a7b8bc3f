import { readFileSync } from 'node:fs'
import { type Directory, relayLocationConfigs } from '../directory/index.ts'
import { createFaultCore, createFleetCore, rules } from '../faults/index.ts'
import { createPipeline, type Pipeline } from '../pipeline/pipeline.ts'
import type { StakeOf } from '../pipeline/ports.ts'
import { parseProviderTable } from '../pipeline/provider-table.ts'
import type { Door } from './door.ts'
import type { Issues } from './issues.ts'
import type { Records } from './records.ts'
import type { Runtime } from './runtime.ts'
import type { Stores } from './stores.ts'
import type { Views } from './views.ts'

/** Whom the cores speak to. */
export interface DetectionParts {
  readonly views: Views
  readonly records: Records
  readonly issues: Issues
  readonly door: Door
}

/** Starts the reading of the log: points to the metric store, evidence to the fault core, what it says to views and Issues. */
export async function startDetection(
  { config, metrics, stops, nowMs, child, warn, fail }: Runtime,
  { directory, log, backend }: Stores,
  { views: { projections }, records, issues: { desk }, door: { commands } }: DetectionParts,
): Promise<Pipeline> {
  const { providerTable } = config
  const pipeline = createPipeline({
    log,
    core: createFaultCore({ env: config.env, profile: config.profile }),
    fleet: createFleetCore({ env: config.env }),
    ...(providerTable === undefined
      ? {}
      : { providerOf: parseProviderTable(readFileSync(providerTable, 'utf8')) }),
    stakeOf: stakeIn(directory),
    commands,
    projector: {
      project: async (effect) => {
        if (effect.type === 'incident') await desk.projector.project(effect)
        else if (effect.type === 'view') await projections.projectView(effect.view)
        else await records.keep(effect)
      },
    },
    writer: backend,
    metrics,
    logger: child('pipeline'),
    nowMs,
    onStored: projections.announceTelemetry,
    onFailure: fail,
  })
  // The writer goes with the pipeline: a runner that waits for a store that is away ends only when its writer does.
  stops.add('pipeline', () => Promise.all([pipeline.stop(), backend.stop()]))
  // Before it: a probe that is under way ends with them.
  stops.add('commands', () => commands.stop())
  pipeline.start()
  const relay = relayLocationConfigs({
    configs: directory.configs,
    sink: pipeline,
    onFailure: warn('directory', 'a Location configuration is not in the log yet; it is tried again'),
  })
  stops.add('configuration relay', () => relay.stop())
  await relay.flush()
  return pipeline
}

/** Who answers at a Location for what several share, and who has a stake there. */
function stakeIn({ routing, places }: Directory): StakeOf {
  return async ({ locationId, trouble }) => {
    const role = rules[trouble?.kind === 'processor' ? 'processor-outage' : 'provider-outage'].rootRole
    const owner = await routing.resolveRoute(locationId, { role })
    const stakes = await places.stakes(locationId)
    const organizationIds = [...new Set(stakes.map(({ organizationId }) => organizationId))].sort()
    return { ownerId: owner?.organizationId ?? null, organizationIds }
  }
}
