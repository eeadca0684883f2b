import { Command } from 'commander'
import { examples } from '../options.ts'
import type { Perform } from '../perform.ts'
import { packagesView } from '../views/package-view.ts'

/** `bootfleet packages`: what can be installed. */
export function packagesCommand(perform: Perform): Command {
  return new Command('packages')
    .description('List the published packages.')
    .addHelpText('after', examples(['bootfleet packages']))
    .action(
      perform(async ({ api, output }) => {
        const packages = await api.packages()
        output.answer({ packages }, (look) => packagesView(packages, look))
        if (packages.length === 0) output.say('no packages yet: publish one with  bootfleet publish FILE')
        return 'done'
      }),
    )
}
