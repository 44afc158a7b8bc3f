#!/usr/bin/env node
process.argv.splice(2, 0, 'program', 'ingest')
await import('../../scripts/bootstrap.mjs')
