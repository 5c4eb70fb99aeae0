import { isSecretExpression, isSecretName, secretsIn } from "../../base/secret.ts";
import type { Site } from "../contract.ts";
import type { Keys, RenderContext } from "../helpers/contract.ts";

/** The texts that a rendering has read which may be secret, and those that helpers made of them: no message quotes them. */
export class SecretValues {
  readonly #texts = new Set<string>();

  /** Remembers the variables of the environment that are read. */
  env(read: RenderContext["env"]): RenderContext["env"] {
    return (name) => {
      const value = read(name);
      this.#add(value);
      return value;
    };
  }

  /** Remembers the values that are read of keys with the name of a secret. */
  keys(keys: Keys): Keys {
    return {
      get: (key) => {
        const entry = keys.get(key);
        if (isSecretName(key)) this.#add(entry?.value);
        return entry;
      },
      has: (entry) => keys.has(entry),
      matching: (glob) => keys.matching(glob),
      valuesMatching: (glob) => keys.valuesMatching(glob),
      names: (folder) => keys.names(folder),
      folders: (folder) => keys.folders(folder),
      keysContaining: (text) => keys.keysContaining(text),
    };
  }

  /** Call with the result of each helper: what it makes of a secret is one. */
  derive(args: readonly unknown[], result: unknown): void {
    const [text] = args;
    const isParsed = typeof text === "string" && typeof result === "object";
    if (isParsed) for (const member of secretsIn("", text)) this.#add(member);
    if (this.#texts.size === 0 || !args.some((one) => this.#isKnown(one))) return;
    this.#addWithin(result);
  }

  /** Whether one of the values may be secret, at this site and read from these keys. */
  include(values: readonly unknown[], { text }: Site, keys: readonly string[]): boolean {
    if (isSecretExpression(text) || keys.some(isSecretName)) return true;
    const known = [...this.#texts];
    const isWithinSecret = (found: string) =>
      found !== "" && known.some((one) => one.includes(found) || found.includes(one));
    return values.flat().some((value) => textsOf(value).some(isWithinSecret));
  }

  #isKnown(value: unknown): boolean {
    const all = Array.isArray(value) ? value : [value];
    return all.some((one) => textsOf(one).some((text) => this.#texts.has(text)));
  }

  #add(text: string | undefined): void {
    if (text) this.#texts.add(text);
  }

  #addWithin(value: unknown): void {
    for (const text of textsOf(value)) this.#add(text);
    if (typeof value === "object" && value !== null) {
      for (const member of Object.values(value)) this.#addWithin(member);
    }
  }
}

/** How a value may be quoted: a number of Go in another type than int as Go prints it, and in full. Empty for lists and objects. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  if (typeof value !== "object" || value === null || !("value" in value)) return [];
  const { value: number, toString } = value;
  if (typeof number !== "number" || toString === Object.prototype.toString) return [];
  return typeof toString === "function" ? [String(value), String(number)] : [];
}
