/** The agent for whoever brings the world: the simulated LAN, tests, tools. */
export { type Agent, createAgent } from './agent.ts'
export type { AgentDeps, AgentStatus } from './agent-deps.ts'
export { createMemorySpool } from './adapters/memory-spool.ts'
export * from './ports/index.ts'
export { parseSettings, type Settings, settingsSchema } from './settings/settings.ts'
