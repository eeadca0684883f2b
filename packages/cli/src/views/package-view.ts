import type { PackageRecord } from '@bootagent/protocol'
import { ago } from '../age.ts'
import type { Look } from '../output.ts'
import { formatSize } from '../size.ts'
import { type Column, table } from '../table.ts'

/** Packages, one a line. */
export function packagesView(packages: readonly PackageRecord[], look: Look): string {
  const columns: Column<PackageRecord>[] = [
    { title: 'NAME', cell: (each) => each.name },
    { title: 'VERSION', cell: (each) => each.version },
    { title: 'PLATFORM', cell: (each) => `${each.os}/${each.arch}` },
    { title: 'SIZE', cell: (each) => formatSize(each.size) },
    { title: 'PUBLISHED', cell: (each) => ago(each.published, look.now) },
    { title: 'SHA256', cell: (each) => each.sha256.slice(0, look.wide ? 64 : 12) },
    { title: 'RUNS', cell: (each) => (each.run === undefined ? '' : [each.run.exec, ...(each.run.args ?? [])].join(' ')) },
  ]
  return table(packages, columns, look.colourful)
}
