// The one door into every command of this project: `node scripts/bootstrap.mjs <command> [args]`.
// No syntax and no static import that an ancient Node refuses: it must get as far as the sentence below.
const major = Number(process.versions.node.split('.')[0])
if (major < 20) {
  console.error(
    `Proactive needs Node 20 or newer to start, and this is Node ${process.versions.node}: install one from https://nodejs.org and run the same command again.`,
  )
  process.exit(1)
}
void import('./bootstrap/run.mjs').then((module) => module.run(process.argv.slice(2)))
