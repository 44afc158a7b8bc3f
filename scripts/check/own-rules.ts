import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../setup/project-root.ts'
import { checkBoundaries, hasBoundaries } from './boundaries.ts'
import { findFolderRings, type Module } from './folder-rings.ts'
import { checkSize, checkText } from './hygiene.ts'
import { readModule } from './module-facts.ts'
import { type Finding, listSourceFiles } from './source-files.ts'

/** A file with a zero byte near its start is not text, as git has it. */
const BINARY_SNIFF_BYTES = 8000

/** Findings of the rules that no linter has, over all files of the project. */
export async function applyOwnRules(): Promise<Finding[]> {
  const findings: Finding[] = []
  const modules: Module[] = []
  for (const file of await listSourceFiles()) {
    const text = readText(join(projectRoot, file))
    findings.push(...checkSize(file, statSync(join(projectRoot, file)).size, text))
    if (text === undefined) continue
    findings.push(...checkText(file, text))
    if (!hasBoundaries(file)) continue
    try {
      const facts = readModule(file, text)
      findings.push(...checkBoundaries(file, facts))
      modules.push({ file, imports: facts.imports })
    } catch (error) {
      findings.push({ file, line: 0, message: error instanceof Error ? error.message : String(error) })
    }
  }
  return [...findings, ...findFolderRings(modules)]
}

function readText(path: string): string | undefined {
  const bytes = readFileSync(path)
  return bytes.subarray(0, BINARY_SNIFF_BYTES).includes(0) ? undefined : bytes.toString('utf8')
}
