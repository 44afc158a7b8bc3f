import { describe, expect, it } from 'vitest'
import { findFolderRings } from './folder-rings.ts'

/** `file` imports the others, one a line. */
const module = (file: string, ...names: string[]) => ({
  file,
  imports: names.map((name, index) => ({ name, line: index + 1 })),
})

describe('rings of folders', () => {
  it('are told once, at the rarest import, with the way around', () => {
    const modules = [
      module('ingest/src/api/server.ts', '../notes/routes.ts'),
      module('ingest/src/notes/routes.ts', '../db/database.ts', '../api/guard.ts', '../api/context.ts'),
      module('ingest/src/db/database.ts', 'kysely'),
    ]
    expect(findFolderRings(modules)).toEqual([
      {
        file: 'ingest/src/api/server.ts',
        line: 1,
        message: 'folders stand in a ring: ingest/src/api → ingest/src/notes → ingest/src/api',
      },
    ])
  })

  it('are found over several folders, and over a module right in src', () => {
    const modules = [
      module('shared/src/a/x.ts', '../b/x.ts'),
      module('shared/src/b/x.ts', '../config.ts'),
      module('shared/src/config.ts', './a/x.ts'),
    ]
    expect(findFolderRings(modules)).toHaveLength(1)
  })

  it('are none where imports point one way, lead out of the workspace, or serve tests', () => {
    const modules = [
      module('ingest/src/main.ts', './api/server.ts', './config.ts'),
      module('ingest/src/api/server.ts', '../db/database.ts', '@proactive/shared', './guard.ts'),
      module('ingest/src/db/database.test.ts', '../api/web-under-test.ts'),
      module('ingest/src/db/stack-fixture.ts', '../api/server.ts'),
      module('ingest/src/faults/deep/x.ts', '../model.ts'),
    ]
    expect(findFolderRings(modules)).toEqual([])
  })
})
