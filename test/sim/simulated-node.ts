import { registerHooks } from 'node:module'
import process from 'node:process'

/**
 * Gives the product another computer: whatever of it is loaded from here on finds a simulated disk in place of `node:fs/promises`, and
 * is root there. The rest of Node stays what it is, and what the simulation itself imports too.
 */
export function simulateNode(): void {
  process.geteuid = () => 0
  const disk = new URL('disk/fs-promises.ts', import.meta.url).href
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'node:fs/promises' && isProduct(context.parentURL ?? '')) return { url: disk, shortCircuit: true }
      return next(specifier, context)
    },
  })
}

function isProduct(url: string): boolean {
  return /\/packages\/(?:runtime|bootagent)\/src\//.test(url)
}
