/** Whom the packages name. */
export const MAINTAINER = 'BootAgent maintainers <maintainers@bootagent.invalid>'
