import { realpathSync } from 'node:fs'
import { cgroupsAt, groupsIn } from './kernel-file.ts'

/** What is mounted where a host has its cgroups. */
export type Hierarchies =
  | { readonly kind: 'v2'; readonly root: string }
  | {
      readonly kind: 'v1'
      readonly root: string
      /** The hierarchy of each controller; two may share one, as `cpu` and `cpuacct` do as a rule. `systemd` is one without. */
      readonly controllers: ReadonlyMap<string, string>
      /** The v2 tree beside them. */
      readonly unified?: string
    }
  | { readonly kind: 'nothing'; readonly why: string }

/** Looks what is mounted at `root`, by the types of the file systems and not by names alone. */
export function findHierarchies(root: string): Hierarchies {
  if (cgroupsAt(root) === 'cgroup-v2') return { kind: 'v2', root }
  const unified = `${root}/unified`
  const controllers = findControllers(root)
  const hasUnified = cgroupsAt(unified) === 'cgroup-v2'
  if (controllers.size === 0 && !hasUnified) return { kind: 'nothing', why: `no cgroups are mounted at ${root}` }
  // Nothing but a v2 tree, in the place where v1 would leave it.
  if (controllers.size === 0) return { kind: 'v2', root: unified }
  return { kind: 'v1', root, controllers, ...(hasUnified ? { unified } : {}) }
}

/** `cpu,cpuacct` is one hierarchy of two controllers; beside it there may be links named by one each, or none. */
function findControllers(root: string): Map<string, string> {
  const found = groupsIn(root, { withLinks: true }).flatMap((directory) => {
    const path = `${root}/${directory}`
    return cgroupsAt(path) === 'cgroup-v1' ? directory.split(',').map((name) => [name, realpathSync(path)] as const) : []
  })
  return new Map(found)
}
