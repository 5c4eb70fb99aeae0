/** How the keyspace differs from another moment, as far as texts may depend on it. */
export interface Changes {
  /** The keys of the entries that differ, each with whether it is in one of both only. */
  readonly keys: ReadonlyMap<string, boolean>;
  /** The names of the services that differ. */
  readonly services: ReadonlySet<string>;
}
