import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { debianPackage } from '../../scripts/debian.ts'
import { type Content, contentOf } from '../faults/packages.ts'
import type { Fleet } from '../fleet.ts'

/** Debian's own package, and what it calls its program. */
export const EXPORTER = 'prometheus-node-exporter'

export async function publishExporter(fleet: Fleet): Promise<void> {
  const listen = '--web.listen-address=127.0.0.1:9100'
  await fleet.bootfleet(
    'publish',
    await debianPackage(EXPORTER),
    '--name',
    EXPORTER,
    '--exec',
    `usr/bin/${EXPORTER}`,
    '--arg',
    listen,
  )
}

/** An agent of a script and whatever lies beside it. */
export interface Agent {
  readonly name: string
  readonly version: string
  /** Of sh. */
  readonly script: string
  readonly beside?: Readonly<Record<string, Buffer>>
}

/** Packs and publishes it; resolves to what is in the package. */
export async function publishAgent(fleet: Fleet, { name, version, script, beside = {} }: Agent): Promise<Content> {
  const tree = `${fleet.directory}/${name}-${version}`
  mkdirSync(tree)
  writeFileSync(`${tree}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  for (const [path, bytes] of Object.entries(beside)) writeFileSync(`${tree}/${path}`, bytes)
  execFileSync('tar', ['-C', tree, '-czf', `${tree}.tar.gz`, '.'])
  await fleet.bootfleet('publish', `${tree}.tar.gz`, '--name', name, '--package-version', version, '--exec', name)
  return contentOf(tree)
}

/** What the exporter answers in the guest, which has no program that asks by HTTP. */
export const ASK_EXPORTER = `exec bash -c '
until exec 3<>/dev/tcp/127.0.0.1/9100; do sleep 0.2; done 2>/dev/null
printf "GET /metrics HTTP/1.0\\r\\n\\r\\n" >&3
cat <&3'`
