import type { Happening } from '../../src/supervise/happening.ts'

/** What a supervisor announced, for a test to wait on. */
export interface News {
  tell(happening: Happening): void
  /** The next happening of that kind, of those not asked for yet; waits for it if need be. */
  hear<Kind extends Happening['kind']>(kind: Kind): Promise<Extract<Happening, { kind: Kind }>>
  /** Kinds of everything announced so far. */
  heard(): string[]
}

export function createNews(): News {
  const all: Happening[] = []
  const unheard: Happening[] = []
  const listeners = new Set<() => void>()
  return {
    heard: () => all.map((happening) => happening.kind),
    tell(happening) {
      all.push(happening)
      unheard.push(happening)
      for (const listener of [...listeners]) listener()
    },
    hear<Kind extends Happening['kind']>(kind: Kind) {
      return new Promise<Extract<Happening, { kind: Kind }>>((resolve) => {
        function listen(): void {
          const at = unheard.findIndex((happening) => happening.kind === kind)
          if (at === -1) return
          listeners.delete(listen)
          resolve(unheard.splice(at, 1)[0] as Extract<Happening, { kind: Kind }>)
        }
        listeners.add(listen)
        listen()
      })
    },
  }
}
