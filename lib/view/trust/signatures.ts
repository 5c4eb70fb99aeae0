import { type KeyObject, verify } from "node:crypto";
import { anyPattern, type Pattern } from "../../base/pattern.ts";
import type { Entry } from "../../model/entry.ts";
import type { Endpoint } from "../../model/pool.ts";
import { type Seal, sealOf, signedBytes } from "../../model/seal.ts";
import type { TrustedKey, TrustRules } from "./contract.ts";
import { publicKeyOf } from "./public-key.ts";
import { CompiledRule } from "./rule.ts";

interface CompiledKey {
  readonly publicKey: KeyObject;
  readonly fitsService: Pattern;
  readonly hosts: CompiledRule;
}

/** Judges the signatures of entries. */
export class Signatures {
  readonly #keys: ReadonlyMap<string, CompiledKey>;
  /** The innermost first. */
  readonly #mounted: readonly string[];
  readonly #now: () => number;
  /** Whether the signature of an entry is genuine: verified once. */
  readonly #isGenuine = new WeakMap<Entry, boolean>();

  /** `now` returns milliseconds since 1970. */
  constructor({ keys = {}, mounted = [] }: TrustRules, now: () => number) {
    this.#keys = new Map(Object.entries(keys).map(([name, key]) => [name, compiled(name, key)]));
    this.#mounted = mounted.toSorted((a, b) => b.length - a.length);
    this.#now = now;
  }

  /** Whether the entries of a service need a signature. */
  areNeededFor(service: string): boolean {
    return this.#keys.size > 0 && [...this.#keys.values()].some((key) => key.fitsService(service));
  }

  /** Why an entry is not signed as it has to be: a clause; undefined if it is. */
  refuses(endpoint: Endpoint, entry: Entry): string | undefined {
    const { service } = endpoint;
    const seal = sealOf(entry.value);
    if (!seal) return `it is not signed, as entries of ${service} have to be (watch.trust.keys)`;
    const { keyName, notAfterMs } = seal;
    const key = this.#keys.get(keyName);
    if (!key) return `it is signed with ${keyName}, which is no key of watch.trust.keys`;
    if (!key.fitsService(service))
      return `the key ${keyName} is not for ${service} (watch.trust.keys.${keyName}.services)`;
    if (!this.#verified(entry, seal, key))
      return `its signature by ${keyName} does not fit its key and value`;
    if (notAfterMs <= this.#now())
      return `its signature by ${keyName} has ended at ${new Date(notAfterMs).toISOString()}`;
    return key.hosts.refuses(endpoint);
  }

  #verified(entry: Entry, seal: Seal, { publicKey }: CompiledKey): boolean {
    const known = this.#isGenuine.get(entry);
    if (known !== undefined) return known;
    const bytes = signedBytes(this.#storedKey(entry.key), seal.text);
    const isGenuine = verify(null, bytes, publicKey, seal.signature);
    this.#isGenuine.set(entry, isGenuine);
    return isGenuine;
  }

  #storedKey(key: string): string {
    const folder = this.#mounted.find((one) => key.startsWith(`${one}/`)) ?? "";
    return key.slice(folder.length);
  }
}

function compiled(name: string, { public: text, services, hosts }: TrustedKey): CompiledKey {
  return {
    publicKey: publicKeyOf(text),
    fitsService: anyPattern(services, "/"),
    hosts: new CompiledRule(hosts ? { hosts } : {}, `watch.trust.keys.${name}`),
  };
}
