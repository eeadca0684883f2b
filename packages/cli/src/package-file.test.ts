import { expect, test } from 'vitest'
import { readPackageFile } from './package-file.ts'

test.each([
  ['sample-agent-1.0.0.tar.gz', { name: 'sample-agent', version: '1.0.0' }],
  ['sample-agent-1.0.0.TGZ', { name: 'sample-agent', version: '1.0.0' }],
  ['node_exporter-1.8.2.linux-amd64.tar.gz', { name: 'node_exporter', version: '1.8.2', os: 'linux', arch: 'x64' }],
  ['tool-2.0-linux-arm64.tar.gz', { name: 'tool', version: '2.0', os: 'linux', arch: 'arm64' }],
  ['BasicAgent-0.1.0-0.x86_64.tar.gz', { name: 'BasicAgent', version: '0.1.0-0', arch: 'x64' }],
  ['tool-v3.1.tgz', { name: 'tool', version: '3.1' }],
  ['tool.tar.gz', { name: 'tool' }],
  ['prometheus-node-exporter_1.5.0-1+b6_amd64.deb', { name: 'prometheus-node-exporter', version: '1.5.0-1+b6', arch: 'x64' }],
  ['tool_1%3a2.0~rc1_all.deb', { name: 'tool', version: '2.0~rc1', arch: 'any' }],
  ['tool_1.0_arm64.deb', { name: 'tool', version: '1.0', arch: 'arm64' }],
  ['tool_1.0_riscv64.deb', { name: 'tool', version: '1.0' }],
  ['tool.deb', { name: 'tool' }],
  ['tool-2.0-linux-arm64.tar.xz', { name: 'tool', version: '2.0', os: 'linux', arch: 'arm64' }],
  ['tool-2.0_amd64.tar.zst', { name: 'tool', version: '2.0', arch: 'x64' }],
  ['BasicAgent-0.1.0-0.x86_64.rpm', { name: 'BasicAgent', version: '0.1.0-0', arch: 'x64' }],
  ['my-tool-2.0~rc1-1.el9.noarch.rpm', { name: 'my-tool', version: '2.0~rc1-1.el9', arch: 'any' }],
  ['tool.rpm', { name: 'tool' }],
  ['tool-2.0-linux-amd64.zip', { name: 'tool', version: '2.0', os: 'linux', arch: 'x64' }],
  ['tool-2.0.tar', { name: 'tool', version: '2.0' }],
])('%s says what it is', (file, facts) => {
  expect(readPackageFile(file)).toEqual(facts)
})

test.each(['tool-1.0.7z', 'tool-1.0.tar.bz2', 'tool-1.0', ''])('"%s" is no package', (file) => {
  expect(readPackageFile(file)).toBeUndefined()
})
