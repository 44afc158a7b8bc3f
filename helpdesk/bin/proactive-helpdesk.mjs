#!/usr/bin/env node
process.argv.splice(2, 0, 'program', 'helpdesk')
await import('../../scripts/bootstrap.mjs')
