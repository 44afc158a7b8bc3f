export { type Changes, createChanges } from './changes.ts'
export { createViewFollower, type ViewFollower } from './follow-view.ts'
export { historyMigrations } from './migrations.ts'
export { historyRoutes } from './routes.ts'
