import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { catalogues } from './catalogues.ts'
import { compressedFiles } from './compressed-files.ts'
import { leanZod } from './lean-zod.ts'
import { runbookFiles } from './runbook-files.ts'

export default defineConfig({
  plugins: [catalogues(), leanZod(), svelte(), runbookFiles(), compressedFiles()],
  // Everything from our own origin, nothing inlined: the page runs under `default-src 'self'`.
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The merchant's page is a page of its own: a phone fetches nothing of the console.
      input: ['index.html', 'm.html'],
      treeshake: {
        // Making a schema changes nothing: those of the contract that the page does not read stay out of it.
        moduleSideEffects: (id) => !id.includes('/shared/src/'),
        manualPureFunctions: ['z', 'shortText', 'longText'],
      },
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': 'http://127.0.0.1:8080', '/helpdesk': 'http://127.0.0.1:8080' },
  },
})
