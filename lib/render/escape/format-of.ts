import type { Format } from "./kinds.ts";

/**
 * The format of a file, by the proxy that reads it where there is one, else by its path. `.conf`
 * alone is taken for nginx, the strictest about structure: that too much is refused is seen at once.
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
