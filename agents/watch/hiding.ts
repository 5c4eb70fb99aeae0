import { hideSecrets, secretsIn } from "../../lib/base/secret.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { TemplateGroup } from "./groups.ts";

/** Hides the values in a text that a program may quote, and a message must not. They are collected on the first call. */
export function hiding(group: TemplateGroup, pools: Pools): (text: string) => string {
  const hidden = new Map<string, string>();
  let secrets: readonly string[] | undefined;
  return (text) => {
    secrets ??= [...secretsOf(group, pools)];
    const known = hidden.get(text) ?? hideSecrets(text, secrets);
    hidden.set(text, known);
    return known;
  };
}

function* secretsOf({ files }: TemplateGroup, { snapshot }: Pools): Generator<string> {
  for (const { key, value } of snapshot.chunks.flat()) yield* secretsIn(key, value);
  for (const { source } of files) yield* source.environment;
}
