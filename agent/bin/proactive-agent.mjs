#!/usr/bin/env node
process.argv.splice(2, 0, 'program', 'agent')
await import('../../scripts/bootstrap.mjs')
