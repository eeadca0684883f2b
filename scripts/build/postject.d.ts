declare module 'postject' {
  /** Puts a resource into an ELF file, in place. */
  export function inject(path: string, name: string, resource: Buffer, options: { readonly sentinelFuse: string }): Promise<void>
}
