/** Who has to act: the operator (a wrong request), the package's author, the network, or the host. */
export type Fault = 'nobody' | 'operator' | 'package' | 'network' | 'host' | 'us'

interface ErrorRow {
  /** The number on the wire: component 003 (BootAgent), class, number, in decimal as the seed's family writes it. */
  readonly errcode: number
  readonly meaning: string
  /** Whether the same job may succeed later with nothing changed but time. */
  readonly retryable: boolean
  readonly fault: Fault
}

function row(errcode: number, fault: Fault, meaning: string): ErrorRow {
  return { errcode, meaning, retryable: false, fault }
}

/** One that may come right with nothing changed but time. */
function passing(errcode: number, fault: Fault, meaning: string): ErrorRow {
  return { errcode, meaning, retryable: true, fault }
}

/** Every result a job can end with (seed 001, 统一错误码信息). A number, once given, is never given another meaning. */
export const ERRORS = {
  success: row(0, 'nobody', 'Done'),

  internal: passing(30_000_001, 'us', 'BootAgent met something it did not expect'),

  'job-malformed': row(30_010_001, 'operator', 'The job has a field of the wrong type or size; the message names it'),
  'action-missing': row(30_010_002, 'operator', 'The job has no action'),
  'action-unknown': row(30_010_003, 'operator', 'This BootAgent does not know the action'),
  'name-bad': row(30_010_004, 'operator', 'The agent name is missing, too long, reserved or has characters that are not allowed'),
  'url-bad': row(30_010_005, 'operator', 'The package url is missing or is not a URL'),
  'url-scheme': row(30_010_006, 'operator', 'This BootAgent does not fetch packages by that scheme'),
  'checksum-bad': row(
    30_010_007,
    'operator',
    'The checksum is missing, malformed or of another algorithm than SHA256 and SHA512',
  ),
  'limits-bad': row(30_010_008, 'operator', 'A resource limit cannot be read; the message names it'),
  'deadline-passed': row(30_010_010, 'operator', 'The deadline had passed before the job began, or before its package had come'),
  'agent-missing': row(30_010_011, 'operator', 'No such agent is installed on the host'),
  'expect-failed': row(30_010_012, 'operator', 'The host runs another release than the job expects'),
  'platform-wrong': row(30_010_014, 'operator', 'The package is for another operating system or processor'),
  'too-many-agents': row(30_010_015, 'operator', 'The host already has as many agents as it takes'),
  'own-name': row(30_010_016, 'operator', 'This BootAgent cannot do that to itself'),
  cancelled: row(30_010_017, 'operator', 'The job was called off; the host is as it was before it'),
  'too-late': row(30_010_018, 'operator', 'The job to call off had ended, or had done what it was asked to do'),
  'job-unknown': row(30_010_019, 'operator', 'The host has no such job to call off, and will not begin one'),
  superseded: row(30_010_020, 'operator', 'A later job for the same agent made it without effect before it began'),
  'field-unknown': row(
    30_010_021,
    'operator',
    'The job says that a field must be understood, and this BootAgent does not know it',
  ),

  'fetch-unreachable': passing(30_020_001, 'network', 'The package server cannot be reached'),
  'fetch-refused': row(30_020_002, 'operator', 'The package server refused: no such package, or no right to it'),
  'fetch-failed': passing(30_020_003, 'network', 'The package server failed to answer properly'),
  'fetch-cut': passing(30_020_004, 'network', 'The download ended before the whole package had come'),
  'fetch-timeout': passing(30_020_005, 'network', 'The download stood still or took too long'),
  'fetch-size': row(30_020_006, 'operator', 'The package has another size than the job says, or more than the host takes'),
  'fetch-encoded': row(30_020_007, 'network', 'The package server changed the bytes on the way (Content-Encoding)'),
  'fetch-tls': row(30_020_008, 'network', 'The package server could not prove who it is'),
  'fetch-no-file': row(30_020_009, 'operator', 'The file the url names is not on the host'),
  'fetch-redirect': row(30_020_010, 'operator', 'The package server led to a place that is not followed'),

  'checksum-mismatch': row(30_030_001, 'package', 'The bytes received are not the bytes the checksum was made of'),
  'archive-broken': row(30_030_002, 'package', 'The archive is damaged or is not what its name says'),
  'archive-unsafe': row(30_030_003, 'package', 'The archive holds an entry that could harm the host; the message names it'),
  'archive-unknown': row(30_030_004, 'package', 'This BootAgent does not unpack that kind of archive'),
  'archive-too-large': row(30_030_005, 'package', 'Unpacked, the archive would be larger than the host takes'),
  'nothing-to-run': row(30_030_006, 'package', 'Neither the job nor the package says what to run'),
  'package-contradicts': row(30_030_007, 'package', 'The package is another one than the job says; the message names both'),
  'bootagent-too-old': row(30_030_008, 'operator', 'The package needs a newer BootAgent than the host has'),

  'start-failed': row(30_040_001, 'package', 'The program could not be started'),
  'trial-failed': row(30_040_002, 'package', 'The new release did not hold during its trial; the host is back where it was'),
  'stop-stuck': passing(30_040_003, 'host', 'The old process could not be ended'),
  'no-previous': row(30_040_004, 'operator', 'There is no such release on the host to go back to'),
  'failed-before': row(30_040_005, 'operator', 'The release failed its trial on this host before, and the job does not force it'),
  'agent-busy': passing(30_040_006, 'host', 'The agent was at work the whole time, and the job sets no deadline to interrupt it'),
  'start-hindered': passing(30_040_007, 'host', 'The host lacked what a start takes: room, memory, processes or descriptors'),
  'own-test-failed': row(30_040_008, 'package', 'The new BootAgent does not pass its own test on this host'),

  'svrlist-bad': row(30_050_001, 'operator', 'The server list cannot be read or is empty'),
  'svrlist-silent': row(30_050_002, 'operator', 'No server of the new list answered; the old list is back'),
  'step-bad': row(30_050_003, 'operator', 'The step is not a whole number of seconds'),

  'disk-full': passing(30_060_001, 'host', 'The host has no room for it'),
  'disk-error': passing(30_060_002, 'host', 'The host could not read or write its disk'),
} as const satisfies Record<string, ErrorRow>

/** The reason a job ended: a key of the one table. */
export type Reason = keyof typeof ERRORS

/** The reason behind a number; undefined for a number this version does not know. */
export function reasonOf(errcode: number): Reason | undefined {
  return (Object.keys(ERRORS) as Reason[]).find((reason) => ERRORS[reason].errcode === errcode)
}
