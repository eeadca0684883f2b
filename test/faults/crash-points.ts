/**
 * The named places at which a BootAgent is killed, by the story in which it passes them. `name#2` is the second time that it passes.
 *
 * Who adds a `crashPoint` to the daemon adds its name to the list of the story that reaches it, and nothing else: crash.test.ts kills at
 * every name here, and says which names are missing.
 */
export const CRASH_POINTS = {
  /** The first start, in the order the places are passed. */
  register: [
    'first-start:before-write',
    'first-start:written',
    'register:before-send',
    'register:answered',
    'register:recorded',
    'settle:before',
    'settle:recorded',
  ],

  /** An install, in the order the places are passed. */
  install: [
    ...['settle:before#2', 'settle:recorded#2', 'job:begun'],
    ...['download:before', 'download:part-made', 'download:fetched', 'download:synced', 'download:in-place', 'download:after'],
    ...['verify:before', 'verify:after'],
    ...['unpack:before', 'unpack:sealed', 'unpack:in-place', 'unpack:after'],
    ...['activate:before', 'activate:recorded', 'activate:after'],
    ...['start:before', 'start:before-attempt', 'start:attempt-made', 'start:spawned', 'start:proven', 'start:after'],
    ...['watch:before', 'watch:after', 'finish:before', 'finish:recorded'],
  ],

  /** What an upgrade passes besides. */
  upgrade: [
    ...['stop:before', 'stop:before-term', 'stop:termed', 'stop:killed', 'stop:after'],
    ...['activate:recorded', 'start:spawned', 'watch:before', 'finish:before'],
  ],

  /** The way back from a release that does not hold. */
  wayBack: [
    ...['exit:seen', 'exit:recorded', 'trial:failure-recorded', 'go-back:before', 'go-back:recorded', 'go-back:after'],
    ...['start:spawned#2', 'start:after#2', 'finish:before', 'finish:recorded'],
  ],

  /** The way back that an operator asks for. */
  rollback: [
    ...['job:begun', 'stop:before', 'stop:termed', 'stop:killed', 'stop:after'],
    ...['activate:before', 'activate:recorded', 'activate:after', 'start:before', 'start:attempt-made', 'start:spawned'],
    ...['start:proven', 'start:after', 'watch:before', 'watch:after', 'finish:before', 'finish:recorded'],
  ],

  uninstall: [
    ...['want:before', 'want:after', 'stop:termed', 'stop:after', 'note-changes:before', 'note-changes:after'],
    ...['remove:before', 'remove:releases-gone', 'remove:files-gone', 'remove:after', 'finish:before'],
  ],

  /** An agent is to run with another environment and another file: its package is another release then, and is tried like one. */
  settings: [
    ...['job:begun', 'put-files:before', 'put-files:written', 'put-files:after', 'configure:before', 'configure:after'],
    ...['await-free:before', 'await-free:after', 'stop:before', 'stop:termed', 'stop:after'],
    ...['activate:before', 'activate:recorded', 'activate:after', 'start:before', 'start:spawned', 'start:after'],
    ...['watch:before', 'watch:after', 'finish:before', 'finish:recorded'],
  ],

  /** An agent is to be held to other limits, while it runs. */
  limits: [
    ...['job:begun', 'configure:before', 'configure:after', 'activate:recorded', 'apply-limits:before', 'apply-limits:after'],
    ...['finish:before', 'finish:recorded'],
  ],

  /** The host is to report at another step. */
  step: ['job:begun', 'set-step:before', 'set-step:after', 'finish:before', 'finish:recorded'],

  /** The host is to have other servers. */
  servers: ['job:begun', 'try-servers:before', 'try-servers:after', 'finish:before', 'finish:recorded'],

  /** An upgrade of one agent and the install of another at once: each place is passed by whichever job comes first, and by the other. */
  sideBySide: [
    ...['job:begun', 'job:begun#2', 'download:fetched', 'download:fetched#2', 'unpack:sealed', 'unpack:in-place#2'],
    ...['stop:after', 'activate:recorded', 'activate:recorded#2', 'start:spawned', 'start:spawned#2', 'start:after#2'],
    ...['watch:before#2', 'finish:before', 'finish:recorded', 'finish:before#2', 'finish:recorded#2'],
  ],

  /** Every write of the one file that matters: tried again and again, until a whole install passes unharmed. */
  metafile: ['metafile:before-write', 'metafile:between-copies', 'metafile:written'],

  /** An upgrade of BootAgent itself, in the one that begins it; test/own/crash.test.ts kills at these and the next two. */
  ownUpgrade: [
    ...['fill-slot:before', 'own:slot-emptied', 'fill-slot:after', 'test-slot:before', 'test-slot:after', 'switch-slot:before'],
    ...['own:upgrade-recorded', 'own:fallback-named', 'own:switched', 'own:switch-recorded', 'switch-slot:after', 'leave:before'],
  ],

  /** Never passed: who leaves has ended. */
  beyond: ['leave:after'],

  /** In the new one, which a server answers. */
  ownKept: ['await-own-trial:before', 'own:kept', 'await-own-trial:after', 'finish:before', 'finish:recorded'],

  /** In the new one, which nobody answers. */
  ownGivenUp: ['own:failure-named'],

  /** In the old one, after that. */
  ownBack: ['note-own-failure:before', 'own:failure-recorded', 'note-own-failure:after', 'finish:before', 'finish:recorded'],

  /**
   * Of supervision alone: packages/bootagent/test/supervise/crash.test.ts and packages/bootagent/test/logs/crash.test.ts kill at them;
   * of calling off: test/delivery/cancel.test.ts.
   */
  elsewhere: [
    ...['call-off:before', 'call-off:recorded', 'call-off:after'],
    'condemn:marked',
    ...['rotate:dropped', 'rotate:copying', 'rotate:copied', 'rotate:shifting', 'rotate:named', 'rotate:emptied'],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>
