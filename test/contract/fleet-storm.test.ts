import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createDatabase, migrate } from '../../ingest/src/db/index.ts'
import {
  createFaultCore,
  createFleetCore,
  type FleetEvent,
  type IngestEvent,
  type LocationState,
} from '../../ingest/src/faults/index.ts'
import type { IssueTables } from '../../ingest/src/issues/index.ts'
import { createIncidentProjector } from '../../ingest/src/issues/projector.ts'
import type { LogEntry } from '../../ingest/src/log/ingest-log.ts'
import { createPassOn } from '../../ingest/src/pipeline/pass-on.ts'
import type { PipelineOutput, ProjectedEffect } from '../../ingest/src/pipeline/ports.ts'
import { allMigrations } from '../../ingest/src/schema.ts'

const locations = 1_000
const startMs = Date.UTC(2026, 2, 10, 13)

/** The pipeline's own way of passing words on, with a log in memory whose time stands still until the next thing is due. */
function createFleet() {
  const core = createFaultCore({ env: 'storm', profile: 'production' })
  const fleet = createFleetCore({ env: 'storm' })
  const states = new Map<string, LocationState>()
  const fleetState = fleet.empty()
  let nowMs = startMs
  let offset = 0
  const incidents: Extract<ProjectedEffect, { type: 'incident' }>[] = []
  const waiting: LogEntry[] = []
  const passOn = createPassOn({
    log: {
      append: (entry) => {
        waiting.push(entry)
        return Promise.resolve({ partition: '', offset: 0, receivedAtMs: nowMs, entry })
      },
    },
    projector: {
      project: (effect) => {
        if (effect.type === 'incident') incidents.push(effect)
        return Promise.resolve()
      },
    },
    providerOf: () => ({ id: 'as64500', name: 'Example Net' }),
  })

  async function take(entry: LogEntry): Promise<void> {
    if (entry.from !== 'ingest') return
    const { locationId, event } = entry
    offset += 1
    const outputs: PipelineOutput[] = []
    if (locationId === 'fleet') {
      const origin = { from: 'ingest', partition: 'fleet', offset } as const
      outputs.push(...fleet.reduce(fleetState, event as FleetEvent, { nowMs, origin }).effects)
    } else {
      const state = states.get(locationId) ?? core.empty(locationId)
      const origin = { from: 'ingest', partition: 'p00', offset } as const
      const turn = core.reduce(state, { from: 'ingest', event: event as IngestEvent }, { nowMs, origin })
      states.set(locationId, turn.state)
      for (const effect of turn.effects) if (effect.type !== 'probe') outputs.push(effect)
    }
    for (const output of outputs) await passOn(output)
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await take(next)
  }

  const tell = (locationId: string, event: IngestEvent) => take({ from: 'ingest', locationId, event })
  return {
    incidents,
    tell,
    /** Rings every alarm clock that is due until then. */
    async passTo(untilMs: number) {
      for (;;) {
        const due = [...states].flatMap(([id, state]) => {
          const wakeAtMs = core.wakeAtMs(state)
          return wakeAtMs === null ? [] : [[wakeAtMs, id] as const]
        })
        const fleetWakeMs = fleet.wakeAtMs(fleetState)
        if (fleetWakeMs !== null) due.push([fleetWakeMs, 'fleet'])
        const atMs = Math.min(...due.map(([wakeAtMs]) => wakeAtMs))
        if (due.length === 0 || atMs > untilMs) break
        nowMs = Math.max(nowMs, atMs)
        for (const [wakeAtMs, id] of due)
          if (wakeAtMs <= nowMs) await take({ from: 'ingest', locationId: id, event: { type: 'woke' } })
      }
      nowMs = untilMs
    },
  }
}

describe('a storm of 1,000 Locations in 60 s', () => {
  it('opens one Issue, through the cores, the words between them and the outbox', {
    timeout: 60_000,
  }, async () => {
    const { tell, passTo, incidents } = createFleet()
    const idOf = (index: number) => `loc-${index}`
    for (let index = 0; index < locations; index += 1) {
      const config = {
        locationId: idOf(index),
        name: `Shop ${index}`,
        timeZone: 'Europe/Berlin',
        calendar: { openings: [], holidays: [] },
        devices: {},
        hasBackupUplink: false,
      }
      await tell(idOf(index), { type: 'location-configured', config })
      const remoteAddress = `203.0.113.${index % 250}`
      await tell(idOf(index), { type: 'session-opened', applianceId: `app-${index}`, remoteAddress })
    }
    await passTo(startMs + 3_600_000)
    const stormMs = startMs + 3_600_000
    for (let index = 0; index < locations; index += 1) {
      await passTo(stormMs + index * 60)
      await tell(idOf(index), { type: 'session-closed', applianceId: `app-${index}`, how: 'will' })
    }
    await passTo(stormMs + 300_000)
    const opened = incidents.filter(({ change }) => change === 'opened')
    const withIssue = incidents.filter(({ report }) => report.issueHeldBy === undefined)
    expect(opened.length).toBe(locations + 1)
    expect(new Set(withIssue.map(({ report }) => report.key)).size).toBe(1)
    expect(withIssue[0]?.report).toMatchObject({ faultClass: 'provider-outage', rootRole: 'internet' })
    expect(withIssue[0]?.report.openedAtMs ?? 0).toBeLessThanOrEqual(stormMs + 60_000)

    const dataDir = mkdtempSync(join(tmpdir(), 'proactive-storm-'))
    const database = await createDatabase({ dataDir })
    await migrate(database, allMigrations, Date.now)
    const desk = createIncidentProjector({
      db: database.db,
      facts: {
        devices: async () => new Map(),
        productOf: async () => undefined,
        productName: async () => undefined,
        route: async () => ({ teamId: 'team-network' }),
      },
      projectIncident: async () => undefined,
      announceIncident: () => undefined,
      wake: () => undefined,
      log: pino({ level: 'silent' }),
      nowMs: Date.now,
      unrouted: { inc: () => undefined },
      coalesceMs: 300_000,
      ledger: { isShadow: () => false, stamp: async () => undefined },
    })
    // The parent's words, and those of enough of its Locations.
    const sample = [
      ...withIssue,
      ...opened.filter(({ report }) => report.issueHeldBy !== undefined).slice(0, 100),
    ]
    for (const effect of sample) await desk.project(effect)
    const rows = await database.db
      .withTables<IssueTables>()
      .selectFrom('issue_outbox')
      .select(['key', 'kind'])
      .execute()
    expect(rows.filter(({ kind }) => kind === 'open')).toHaveLength(1)
    expect(new Set(rows.map(({ key }) => key)).size).toBe(1)
    await database.stop()
    rmSync(dataDir, { recursive: true })
  })
})
