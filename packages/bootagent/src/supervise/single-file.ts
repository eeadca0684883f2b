/** Does one thing at a time, in the order asked for. */
export interface SingleFile {
  /** Resolves, or rejects, as the task does; a task that fails does not keep the next from its turn. */
  run<Value>(task: () => Promise<Value>): Promise<Value>
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>
}

export function createSingleFile(): SingleFile {
  let last: Promise<unknown> = Promise.resolve()
  return {
    run(task) {
      const result = last.then(task)
      // Whoever asked for it is told of its failure; the queue only needs to know that it is over.
      last = result.catch(() => undefined)
      return result
    },
    async idle() {
      for (let awaited: unknown; awaited !== last; ) {
        awaited = last
        await last
      }
    },
  }
}
