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
    return values.flat().some((value) => {
      const found = typeof value === "string" || typeof value === "number" ? String(value) : "";
      return found !== "" && known.some((one) => one.includes(found) || found.includes(one));
    });
  }

  #isKnown(value: unknown): boolean {
    return typeof value === "string"
      ? this.#texts.has(value)
      : Array.isArray(value) && value.some((one) => this.#texts.has(one));
  }

  #add(text: string | undefined): void {
    if (text) this.#texts.add(text);
  }

  #addWithin(value: unknown): void {
    if (typeof value === "string" || typeof value === "number") this.#add(String(value));
    else if (typeof value === "object" && value !== null) {
      for (const member of Object.values(value)) this.#addWithin(member);
    }
  }
}
