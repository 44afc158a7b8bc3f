/** The embedded helpdesk as a part: what a composition root elsewhere (tests, the demo) starts in its own process. */
export { type HelpdeskConfig, loadConfig } from './config.ts'
export { type RunningHelpdesk, type StartOptions, startHelpdesk } from './main.ts'
