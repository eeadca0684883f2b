import { type Attack, entries, unsafe } from '../attack.ts'
import { aDirectory, aFile, aHardLink, aLink } from '../entry.ts'

const twice = (name: string) => unsafe('comes a second time', name)

const TWICE: readonly Attack[] = [
  {
    case: 'B19',
    name: 'come twice, the second time with other bytes',
    made: 'two files named x',
    archives: entries(aFile('x', 'judged'), aFile('x', 'used')),
    end: twice('x'),
  },
  {
    case: 'B19',
    name: 'come twice under two spellings',
    made: 'a file x and a file ./x',
    archives: entries(aFile('x'), aFile('./x')),
    end: twice('./x'),
  },
  {
    case: 'B19',
    name: 'be a directory twice',
    made: 'two directories d/',
    archives: entries(aDirectory('d/'), aFile('d/x'), aDirectory('d/')),
    end: twice('d/'),
  },
  {
    case: 'B19',
    name: 'make a file of a directory',
    made: 'a directory x/, then a file x',
    archives: entries(aDirectory('x/'), aFile('x')),
    end: twice('x'),
  },
  {
    case: 'B19',
    name: 'make a directory of a file',
    made: 'a file x, then a directory x/',
    archives: entries(aFile('x'), aDirectory('x/')),
    end: twice('x/'),
  },
  {
    case: 'B19',
    name: 'make a file of a directory that only its contents have named',
    made: 'a file x/y, then a file x',
    archives: entries(aFile('x/y'), aFile('x')),
    end: unsafe('used as a directory before', 'x'),
  },
  {
    case: 'B19',
    name: 'make a link of a directory that only its contents have named',
    made: 'a file x/y, then a symbolic link x',
    archives: entries(aFile('x/y'), aLink('x', '.')),
    end: unsafe('used as a directory before', 'x'),
  },
  {
    case: 'B19',
    name: 'lie under a file',
    made: 'a file x, then a file x/y',
    archives: entries(aFile('x'), aFile('x/y')),
    end: unsafe('lies under a file', 'x/y'),
  },
  {
    case: 'B19',
    name: 'make a link of a file',
    made: 'a file x, then a symbolic link x',
    archives: entries(aFile('x'), aLink('x', 'y')),
    end: twice('x'),
  },
  {
    case: 'B19',
    name: 'change where a link leads after it was judged',
    made: 'a symbolic link x to y, then one to ..',
    archives: entries(aLink('x', 'y'), aLink('x', '..')),
    end: twice('x'),
  },
  {
    case: 'B19',
    name: 'make a hard link of a directory',
    made: 'a file x, a directory y/, a hard link y',
    archives: entries(aFile('x'), aDirectory('y/'), aHardLink('y', 'x')),
    end: twice('y'),
  },
  {
    case: 'B19',
    name: 'be two manifests',
    made: 'two files agent.json',
    archives: entries(aFile('agent.json', '{"name":"a"}'), aFile('agent.json', '{"name":"b"}')),
    end: twice('agent.json'),
  },
]

const alike = (name: string, other: string) => unsafe(`differs from "${other}" only in case`, name)

const ALIKE: readonly Attack[] = [
  {
    case: 'B20',
    name: 'differ only in case',
    made: 'files Readme and README',
    archives: entries(aFile('Readme'), aFile('README')),
    end: alike('README', 'Readme'),
  },
  {
    case: 'B20',
    name: 'lie in directories that differ only in case',
    made: 'files a/x and A/y',
    archives: entries(aFile('a/x'), aFile('A/y')),
    end: alike('A/y', 'a'),
  },
  {
    case: 'B20',
    name: 'write through a link that differs only in case',
    made: 'a symbolic link Lib, then a file lib/x',
    archives: entries(aDirectory('d/'), aLink('Lib', 'd'), aFile('lib/x')),
    end: alike('lib/x', 'Lib'),
  },
  {
    case: 'B20',
    name: 'differ only in how é is composed',
    made: 'files é as one character and as two',
    archives: entries(aFile('\u00e9'), aFile('e\u0301')),
    end: unsafe('how its characters are composed'),
  },
  {
    case: 'B20',
    name: 'differ only in a ligature',
    made: 'files ﬁle and file',
    archives: entries(aFile('ﬁle'), aFile('file')),
    end: alike('file', 'ﬁle'),
  },
  {
    case: 'B20',
    name: 'differ only in ß and ss',
    made: 'files straße and STRASSE',
    archives: entries(aFile('straße'), aFile('STRASSE')),
    end: alike('STRASSE', 'straße'),
  },
  {
    case: 'B20',
    name: 'differ only in a letter that is a sign',
    made: 'files K as a letter and as the sign of the kelvin',
    archives: entries(aFile('K'), aFile('\u212a')),
    end: alike('\u212a', 'K'),
  },
  {
    case: 'B20',
    name: 'differ only in width',
    made: 'files ａ, full width, and a',
    archives: entries(aFile('ａ'), aFile('a')),
    end: alike('a', 'ａ'),
  },
  {
    case: 'B20',
    name: 'differ only in what is not seen',
    made: 'files run and run with a zero-width joiner',
    archives: entries(aFile('run'), aFile('ru\u200dn')),
    end: unsafe('differs from "run" only in'),
  },
  {
    case: 'B20',
    name: 'climb out once normalized',
    made: 'a file named ‥/planted, U+2025 in front',
    archives: entries(aFile('\u2025/planted')),
    end: unsafe('once normalized', '\u2025/planted'),
  },
  {
    case: 'B20',
    name: 'climb out once what is not seen is gone',
    made: 'a file in a directory of two dots with a zero-width space between',
    archives: entries(aFile('.\u200b./planted')),
    end: unsafe('once normalized'),
  },
  {
    case: 'B20',
    name: 'have a slash that is none yet',
    made: 'a file named ..／planted, full width',
    archives: entries(aFile('..／planted')),
    end: unsafe('once normalized', '..／planted'),
  },
]

/** One name for two things, to the letter or to some file systems. */
export const LIKENESS: readonly Attack[] = [...TWICE, ...ALIKE]
