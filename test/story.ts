import type { Happening } from 'bootagent'

type Kind = Happening['kind']
type Of<K extends Kind> = Extract<Happening, { kind: K }>

/** What has happened on a host, in order, and the way to wait for what happens next. */
export interface Story {
  readonly tell: (happening: Happening) => void
  /** The next of its kind that happens from now on. */
  next<K extends Kind>(kind: K): Promise<Of<K>>
  nextWhere(answers: (happening: Happening) => boolean): Promise<Happening>
  /** The latest of its kind so far; throws when there is none. */
  last<K extends Kind>(kind: K): Of<K>
  count(kind: Kind): number
}

export function createStory(): Story {
  const told: Happening[] = []
  const waiting = new Set<(happening: Happening) => void>()

  const story: Story = {
    tell(happening) {
      told.push(happening)
      for (const listener of waiting) listener(happening)
    },
    nextWhere: (answers) =>
      new Promise((resolve) => {
        const listener = (happening: Happening) => {
          if (!answers(happening)) return
          waiting.delete(listener)
          resolve(happening)
        }
        waiting.add(listener)
      }),
    next: <K extends Kind>(kind: K) => story.nextWhere((each) => each.kind === kind) as Promise<Of<K>>,
    last<K extends Kind>(kind: K) {
      const found = told.findLast((each): each is Of<K> => each.kind === kind)
      if (found === undefined) throw new Error(`no ${kind} has happened; what has: ${told.map((each) => each.kind).join(', ')}`)
      return found
    },
    count: (kind) => told.filter((each) => each.kind === kind).length,
  }
  return story
}
