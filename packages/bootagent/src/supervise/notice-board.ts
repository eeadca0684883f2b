import type { AgentView } from './agent-view.ts'

/** A view with the moment its process was started in place of its age: it says the same until something happens. */
export interface Notice extends Omit<AgentView, 'uptime'> {
  /** Seconds since boot. */
  readonly since?: number
}

/** Holds what was last seen of an agent, and tells those who wait for a change of it. */
export interface NoticeBoard {
  show(notice: Notice): void
  read(): Notice
  /** Resolves at the next change, or when the signal is aborted. */
  changed(signal: AbortSignal): Promise<void>
}

export function createNoticeBoard(first: Notice): NoticeBoard {
  const waiting = new Set<() => void>()
  let shown = first
  return {
    read: () => shown,
    show(notice) {
      const same = FIELDS.every((field) => shown[field] === notice[field])
      shown = notice
      if (!same) for (const tell of [...waiting]) tell()
    },
    changed(signal) {
      return new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const tell = () => {
          waiting.delete(tell)
          signal.removeEventListener('abort', tell)
          resolve()
        }
        waiting.add(tell)
        signal.addEventListener('abort', tell)
      })
    },
  }
}

const FIELDS = [
  'state',
  'reason',
  'pid',
  'attempt',
  'release',
  'since',
  'cause',
  'nextStart',
] as const satisfies readonly (keyof Notice)[]
