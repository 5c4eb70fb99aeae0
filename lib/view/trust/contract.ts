/** Which entries are trusted as instances. Plain data, as it is configured. */
export interface TrustRules {
  /** By name of the service, where its instances may be. */
  readonly services: Readonly<Record<string, TrustRule>>;
  /** By name, the keys that sign entries. */
  readonly keys?: Readonly<Record<string, TrustedKey>>;
  /** The folders that keyspaces are mounted at: a key is signed as it is in its own keyspace. */
  readonly mounted?: readonly string[];
  /** What becomes of the entries of a service that has neither a rule nor a key. */
  readonly otherwise: "accept" | "refuse";
}

/** Where the instances of a service may be. A list that is left out permits everything; with `hosts` or `names`, one of them has to fit. */
export interface TrustRule {
  /** IP addresses and networks: `10.2.0.0/16`. The addresses of a host name have to be in these, too. */
  readonly hosts?: readonly string[];
  /** Numbers and ranges: `8443`, `8000-8999`. */
  readonly ports?: readonly string[];
  /** Host names, in which `*` stands for any characters but a dot. */
  readonly names?: readonly string[];
}

/** A public key, and what it may sign. A service that any key lists needs a signature. */
export interface TrustedKey {
  /** Of Ed25519: PEM, or its line of base64. */
  readonly public: string;
  /** Names of services, in which `*` stands for any characters. */
  readonly services: readonly string[];
  /** As in a rule: the addresses that it may sign. */
  readonly hosts?: readonly string[];
}
