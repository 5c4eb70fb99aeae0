import type { Format } from "./kinds.ts";

/**
 * The format of a file: that of its proxy, else by its path, else plain. Any other `.conf` file is treated as nginx,
 * since its rules are strict: a value rejected by mistake is noticed at once, an unsafe one that passes is not.
 */
export function formatOf(target: string, proxy?: string): Format {
  if (proxy === "haproxy" || proxy === "nginx") return proxy;
  const path = target.toLowerCase();
  return rules.find(([pattern]) => pattern.test(path))?.[1] ?? "plain";
}

const rules: readonly (readonly [RegExp, Format])[] = [
  [/\.json$/, "json"],
  [/\.(sh|env)$/, "shell"],
  [/haproxy|\.cfg$/, "haproxy"],
  [/nginx|\.conf$/, "nginx"],
];
