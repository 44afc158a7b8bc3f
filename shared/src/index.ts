/** The contract between appliance, cloud, helpdesk and console: browser-safe, no I/O. The codec (`@proactive/shared/codec`) needs node:zlib. */
export * from './clock.ts'
export * from './domain/device.ts'
export * from './domain/fault.ts'
export * from './domain/text.ts'
export * from './errors.ts'
export * from './ids.ts'
export * from './topics.ts'
export * from './wire/index.ts'
