import { dirname } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { SHELLS } from './imports/shells.ts'
import { findSources } from './source/find-sources.ts'
import { findOutliers, measureFiles } from './source/measure-files.ts'
import { measurePage } from './source/measure-page.ts'

/**
 * `npm run measure`: how long files and functions are, per package and in all, and which are worth a second look. Nothing
 * fails on it; a reviewer asks. `--json` for machines. Functions are found by their shape (source/find-functions.ts says
 * which are not counted), so the figures are for comparing with each other, not with another tool's.
 */
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
const sources = findSources(dirname(import.meta.dirname), ['{packages,scripts,test,contrib}/**/*.{ts,tsx}'])
const shells = new Set(Object.keys(SHELLS))
const groups = new Map([...Map.groupBy(sources, ({ path }) => groupOf(path)), ['all', sources]])
const measures = [...groups]
  .map(([name, files]) => [name, measureFiles(files, shells)] as const)
  .filter(([, { files }]) => files > 0)
const outliers = findOutliers(sources)
process.stdout.write(
  values.json
    ? `${JSON.stringify({ measures: Object.fromEntries(measures), outliers }, undefined, 2)}\n`
    : measurePage(measures, outliers),
)

/** `bootagent` of `packages/bootagent/…`, `scripts` of `scripts/…`. */
function groupOf(path: string): string {
  const [top = '', name = ''] = path.split('/')
  return top === 'packages' ? name : top
}
