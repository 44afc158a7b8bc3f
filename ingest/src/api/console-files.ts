import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { access } from './access.ts'
import type { App } from './context.ts'
import { notFound } from './problem.ts'

const notBuilt = `<!doctype html><html lang="en"><title>Proactive</title>
<p>The console is not built yet. Run <code>npm run setup</code>, then start again.</p></html>`

/** The console's files; every other path that a browser opens is a page of the console and gets its `index.html`. */
export async function registerConsoleFiles(app: App, consoleDist: string | undefined): Promise<void> {
  const isBuilt = consoleDist !== undefined && existsSync(join(consoleDist, 'index.html'))
  if (isBuilt)
    await app.register(fastifyStatic, {
      root: consoleDist,
      serve: false,
      index: false,
      // The build leaves a .gz beside what is worth it.
      preCompressed: true,
    })
  app.get(
    '/*',
    { config: { ...access('public'), rateLimit: false }, schema: { hide: true } },
    async (request, reply) => {
      const path = pathOf(request.params)
      if (/^(?:api|helpdesk|metrics)(?:\/|$)/.test(path)) throw notFound('route')
      if (!isBuilt) return reply.code(503).type('text/html; charset=utf-8').send(notBuilt)
      if (isFile(path) && existsSync(join(consoleDist, path))) {
        // Vite names these files by their content; the page that names them is always asked for anew.
        const isNamedByContent = path.startsWith('assets/')
        reply.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache')
        return reply.sendFile(path, { cacheControl: false })
      }
      if (isFile(path)) throw notFound('file')
      reply.header('cache-control', 'no-cache')
      // The merchant's page is small and stands alone.
      const page = path === 'm' && existsSync(join(consoleDist, 'm.html')) ? 'm.html' : 'index.html'
      return reply.sendFile(page, { cacheControl: false })
    },
  )
}

/** Plain names with an extension; no hidden files, no way up. */
function isFile(path: string): boolean {
  return /^(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*\/)*[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/.test(path)
}

function pathOf(params: unknown): string {
  if (typeof params !== 'object' || params === null || !('*' in params)) return ''
  return typeof params['*'] === 'string' ? params['*'] : ''
}
