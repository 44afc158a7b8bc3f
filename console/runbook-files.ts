import { readdirSync, readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

const folder = new URL('../docs/runbooks/', import.meta.url)

/** Puts the runbooks beside the page, under the address by which an Issue names them: `/docs/runbooks/router-down.md`. */
export function runbookFiles(): Plugin {
  return {
    name: 'runbook-files',
    apply: 'build',
    generateBundle() {
      for (const name of readdirSync(folder).filter((each) => /^[a-z-]+\.md$/.test(each))) {
        const source = readFileSync(new URL(name, folder), 'utf8')
        this.emitFile({ type: 'asset', fileName: `docs/runbooks/${name}`, source })
      }
    },
  }
}
