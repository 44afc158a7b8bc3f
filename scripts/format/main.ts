import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { projectRoot } from '../setup/project-root.ts'

/** Formats the whole project, or the files and folders named. */
const biome = join(projectRoot, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')
const args = [biome, 'format', '--write', ...process.argv.slice(2)]
process.exitCode = spawnSync(process.execPath, args, { cwd: projectRoot, stdio: 'inherit' }).status ?? 1
