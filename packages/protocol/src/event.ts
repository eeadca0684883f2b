/**
 * The kinds of event that a BootAgent sends, in `events[].category`. On the wire a category stays any short text: a host may be newer
 * than its server. Where an event is about an agent, its `subject` is the agent's name.
 *
 *     agent-exit          its process ended, nobody had asked for that, and the code is not one of `exitCodes`
 *     agent-killed        its process was killed: at its memory limit, over another limit, not ready in time, or unhealthy
 *     agent-start-failed  its process never became its program
 *     agent-fatal         given up after too many strikes; nothing starts it until reset, start or another release
 *     agent-stuck         processes of it are still there after KILL; it is not started beside them
 *     agent-rolled-back   a release failed its trial, and the host went back to the one before
 *     agent-log-dropped   output of it was not kept, for lack of disk
 *     operator-order      somebody at the host started, stopped, restarted or reset it
 *     bootagent-upgraded  another version of BootAgent itself runs, and a server has answered it
 *     bootagent-rolled-back  a new BootAgent did not hold, and the one before runs again
 *     job-unanswerable    a job came with no id that a result could name
 *     disk-slow           the disk stood still, while reports went on; told once it goes again
 *     metafile-damaged    the host's own record could not be used, and the copy before it was taken
 *     events-dropped      so many events, of all kinds, were dropped before they could be told
 */
export const EVENT_CATEGORIES = [
  'agent-exit',
  'agent-killed',
  'agent-start-failed',
  'agent-fatal',
  'agent-stuck',
  'agent-rolled-back',
  'agent-log-dropped',
  'operator-order',
  'bootagent-upgraded',
  'bootagent-rolled-back',
  'job-unanswerable',
  'shut-out',
  'disk-slow',
  'metafile-damaged',
  'events-dropped',
] as const
export type EventCategory = (typeof EVENT_CATEGORIES)[number]
