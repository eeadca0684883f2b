/** What a package, or a part of one, may import, and why not more. */
export interface Direction {
  /** Packages or parts; `*` is all of them. */
  readonly may: readonly string[]
  /** What it may import the types of, besides. */
  readonly types?: readonly string[]
  readonly why: string
}

/** Files that are told by the end of their name and may be imported from few places only. */
export interface FileRule {
  readonly file: RegExp
  /** The importing file's path. */
  readonly onlyFrom: RegExp
  readonly why: string
}

/** The whole policy as data; directions.ts and shells.ts hold ours. */
export interface ImportRules {
  /** By folder under packages/. Every package needs a row. */
  readonly packages: Readonly<Record<string, Direction>>
  /** By package, by part: a folder of src, or a file of src without `.ts`. A package listed here needs a row for each part. */
  readonly parts: Readonly<Record<string, Readonly<Record<string, Direction>>>>
  readonly files: readonly FileRule[]
  /** Each shell's path and its reason. */
  readonly shells: Readonly<Record<string, string>>
}

/** One breach of one rule: where, what, and why it is one. */
export interface Breach {
  readonly path: string
  readonly line: number
  readonly what: string
  readonly why: string
}

/** An import of one file of ours by another. */
export interface Edge {
  readonly from: string
  readonly to: string
  readonly line: number
  /** Whether the import was written as a path, not as a package's name. */
  readonly relative: boolean
  readonly typeOnly: boolean
}

/** `bootagent` of `packages/bootagent/src/plan/plan.ts`. */
export function packageOf(path: string): string {
  return path.split('/')[1] ?? ''
}

/** `plan` of `packages/bootagent/src/plan/plan.ts`, `agent` of `packages/bootagent/src/agent.ts`. */
export function partOf(path: string): string {
  return (path.split('/')[3] ?? '').replace(/\.tsx?$/, '')
}
