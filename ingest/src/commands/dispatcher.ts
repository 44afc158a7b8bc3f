import { randomBytes } from 'node:crypto'
import { base32, type CommandAction, type CommandResult } from '@proactive/shared'
import { Counter, type Registry } from 'prom-client'
import type { CommandLink } from '../gateway/ports.ts'

/** How a command ended; being offline, late or too many is expected and therefore a value. */
export type CommandOutcome =
  | { readonly kind: 'answered'; readonly result: CommandResult }
  /** Not connected, or the connection broke before the answer. */
  | { readonly kind: 'offline' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'busy' }

/** One command for one appliance. */
export interface CommandToRun {
  readonly applianceId: string
  readonly request: CommandAction
  /** How long the appliance may work on it; the answer is awaited a little longer. */
  readonly budgetMs: number
  /** Who asked, in the trails of both sides. */
  readonly auditId: string
  /** Called for each part of a stream before the final result. */
  readonly onProgress?: (result: CommandResult) => void
}

/** Runs commands on appliances that are connected now; nothing is kept for those that are not. */
export interface CommandDispatcher {
  run(command: CommandToRun): Promise<CommandOutcome>
  /** Ends what is under way as `offline`. Safe to call twice. */
  stop(): void
}

export interface CommandDispatcherOptions {
  readonly link: CommandLink
  readonly metrics: Registry
  /** Commands under way at one appliance. */
  readonly maxPerAppliance?: number
}

/** For the way there and back, on top of the budget. */
const travelMs = 500
const maxUnderWay = 5_000

interface UnderWay {
  readonly applianceId: string
  readonly onProgress: ((result: CommandResult) => void) | undefined
  readonly settle: (outcome: CommandOutcome) => void
}

export function createCommandDispatcher(options: CommandDispatcherOptions): CommandDispatcher {
  const { link, maxPerAppliance = 16 } = options
  const underWayById = new Map<string, UnderWay>()
  const countByApplianceId = new Map<string, number>()
  const outcomes = new Counter({
    name: 'proactive_commands_total',
    help: 'Commands to appliances by how they ended',
    labelNames: ['action', 'outcome'],
    registers: [options.metrics],
  })

  const forgetResults = link.onResult((applianceId, result) => {
    const command = underWayById.get(result.commandId)
    if (command?.applianceId !== applianceId) return
    if (result.isFinal) command.settle({ kind: 'answered', result })
    else command.onProgress?.(result)
  })
  const forgetDisconnects = link.onDisconnect((applianceId) => {
    if (!countByApplianceId.has(applianceId)) return
    for (const command of [...underWayById.values()]) {
      if (command.applianceId === applianceId) command.settle({ kind: 'offline' })
    }
  })

  function send(command: CommandToRun): Promise<CommandOutcome> {
    const { applianceId, request, budgetMs, auditId, onProgress } = command
    const count = countByApplianceId.get(applianceId) ?? 0
    if (count >= maxPerAppliance || underWayById.size >= maxUnderWay) return Promise.resolve({ kind: 'busy' })
    const id = `cmd-${base32(randomBytes(10))}`
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle({ kind: 'timeout' }), budgetMs + travelMs)
      const settle = (outcome: CommandOutcome) => {
        clearTimeout(timer)
        underWayById.delete(id)
        const left = (countByApplianceId.get(applianceId) ?? 1) - 1
        if (left > 0) countByApplianceId.set(applianceId, left)
        else countByApplianceId.delete(applianceId)
        resolve(outcome)
      }
      underWayById.set(id, { applianceId, onProgress, settle })
      countByApplianceId.set(applianceId, count + 1)
      if (!link.send(applianceId, { v: 1, id, auditId, budgetMs, request })) settle({ kind: 'offline' })
    })
  }

  return {
    async run(command) {
      const outcome = await send(command)
      outcomes.inc({ action: command.request.action, outcome: outcome.kind })
      return outcome
    },
    stop() {
      forgetResults()
      forgetDisconnects()
      for (const command of [...underWayById.values()]) command.settle({ kind: 'offline' })
    },
  }
}
