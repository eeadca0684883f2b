import { gzipSync } from 'node:zlib'
import { MAINTAINER } from './maintainer.ts'
import { packagedVersion, type Release } from './release.ts'

/** gzip as policies ask for it: as small as can be, and with no name and no time inside. */
export function gzipped(text: string): Buffer {
  return gzipSync(text, { level: 9 })
}

/** What Debian's tools read as a changelog: one entry; what changed is in the repository. */
export function changelogOf({ product, version, release, commit, epoch }: Release): string {
  // RFC 5322, in UTC, with the number of the zone.
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')
  return `${product.plain} (${packagedVersion(version)}-${release}) unstable; urgency=medium

  * ${product.name} ${version}, built from commit ${commit}.

 -- ${MAINTAINER}  ${date}
`
}

/** Whose it is, and under what terms. */
export function copyrightOf({ product, epoch }: Release): string {
  const year = new Date(epoch * 1000).getUTCFullYear()
  return `${product.name}

Copyright: ${year} the BootAgent maintainers
License: Apache-2.0

Licensed under the Apache License, Version 2.0. You may not use this work except
in compliance with the License. On Debian systems its full text is in
/usr/share/common-licenses/Apache-2.0; it is also at
https://www.apache.org/licenses/LICENSE-2.0.

The executables hold Node.js and other works, each under its own terms: they are
in third-party-notices.gz beside this file.
`
}
