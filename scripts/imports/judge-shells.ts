import type { SourceFile } from '../source/find-sources.ts'
import { findWorld } from './find-world.ts'
import type { Breach, ImportRules } from './import-rules.ts'

/** Holds the list of shells against the files: none that touches the world unlisted, none listed that does not. */
export function judgeShells(product: readonly SourceFile[], shells: ImportRules['shells']): Breach[] {
  const texts = new Map(product.map(({ path, text }) => [path, text]))
  const unlisted = product.flatMap(({ path, text }) => {
    const [first] = Object.hasOwn(shells, path) ? [] : findWorld(text)
    return first === undefined ? [] : [{ path, line: first.line, what: `touches ${first.what}`, why: UNLISTED }]
  })
  const idle = Object.keys(shells).flatMap((path) => {
    const text = texts.get(path)
    if (text === undefined) return [{ path: LIST, line: 1, what: `lists ${path}, which is not there`, why: EXACT }]
    return findWorld(text).length > 0
      ? []
      : [{ path: LIST, line: 1, what: `lists ${path}, which touches nothing any more`, why: EXACT }]
  })
  return [...unlisted, ...idle]
}

const LIST = 'scripts/imports/shells.ts'
const UNLISTED = `pure unless listed: take it as a parameter (a Clock, a number, a function), or list the file in ${LIST} with its reason`
const EXACT = 'the list says where the world is met, no more and no less'
