import { execFileSync, spawnSync } from 'node:child_process'
import process from 'node:process'

/** What the pipeline is made of, by Debian package: the program that shows whether it is there. */
const NEEDED = { 'nginx-light': 'nginx', curl: 'curl', zstd: 'zstd', 'xz-utils': 'xz' }

/** Installs what is missing when this is root; throws with what to type otherwise. */
export function ensureDeliveryPrograms(): void {
  const missing = Object.entries(NEEDED).filter(
    ([, program]) => spawnSync('sh', ['-c', `command -v ${program} || command -v /usr/sbin/${program}`]).status !== 0,
  )
  if (missing.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${missing.map(([name]) => name).join(' ')}`
  if (process.geteuid?.() !== 0) throw new Error(`programs to compare with are not here. Install them:\n  sudo ${command}`)
  // Only a machine without package lists, or with old ones, must fetch them first.
  execFileSync('sh', ['-c', `${command} || { apt-get update && ${command}; }`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}
