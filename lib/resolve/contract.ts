/** Looks up host names; `SystemResolver` in production. */
export interface AddressLookup {
  /** The IP addresses of a name, at least one. Rejects, within a time limit, with an error with a code such as `ENOTFOUND`. */
  lookup(host: string, options: { all: true }): Promise<readonly { readonly address: string }[]>;
}

/** The addresses that a name had when it was resolved last, by name. */
export type KnownAddresses = ReadonlyMap<string, readonly string[]>;
