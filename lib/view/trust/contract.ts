/** Which entries are trusted as instances. Plain data, as it is configured. */
export interface TrustRules {
  /** By name of the service, where its instances may be. */
  readonly services: Readonly<Record<string, TrustRule>>;
  /** What becomes of the entries of a service that has no rule. */
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
