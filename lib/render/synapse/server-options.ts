import { excerpt } from "../../base/excerpt.ts";
import type { SynapseServer } from "./settings.ts";

/**
 * The options that an entry may set on its own server, with the form of their values. Any other could make haproxy send
 * requests or health checks elsewhere, read a file, or refuse the whole file.
 */
const harmless: ReadonlyMap<string, RegExp | undefined> = new Map([
  ...["backup", "check"].map((flag) => [flag, undefined] as const),
  ...["inter", "fastinter", "downinter", "slowstart"].map(
    (time) => [time, /^\d{1,9}(us|ms|s|m|h|d)?$/] as const,
  ),
  ...["rise", "fall", "maxconn", "weight"].map((count) => [count, /^\d{1,9}$/] as const),
  ["id", /^[1-9]\d{0,9}$/],
  ["port", /^\d{1,5}$/],
  ["cookie", /^[\w.:-]+$/],
]);

/** Why the options of an entry are not used: a clause; undefined if every one of them is harmless. */
export function optionsProblem(options: string): string | undefined {
  if (/\p{Cc}/u.test(options)) return "haproxy_server_options has a control character";
  const words = wordsOf(options);
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    if (!harmless.has(word)) {
      return `haproxy_server_options has ${excerpt(word)}: expected ${[...harmless.keys()].join(", ")}`;
    }
    const form = harmless.get(word);
    if (!form) continue;
    i += 1;
    const value = words[i] ?? "";
    if (!form.test(value)) return `haproxy_server_options has ${word} ${excerpt(value)}`;
  }
  return undefined;
}

/** The number that options give their server; undefined if they give none. */
export function idIn(options: string | undefined): number | undefined {
  const words = wordsOf(options ?? "");
  return words.includes("id") ? Number(words[words.indexOf("id") + 1]) : undefined;
}

/** The options without the number. */
export function withoutId(options: string): string {
  const words = wordsOf(options);
  return words.filter((word, i) => word !== "id" && words[i - 1] !== "id").join(" ");
}

/** The options without the first weight in them. */
export function withoutWeight(options: string): string {
  return options.replace(/weight +[0-9]+/, "");
}

/** Replaces `%{host}`, `%{port}` and `%{name}`; `%%` is a percent sign. */
export function expand(options: string, { host, port, name = "" }: SynapseServer): string {
  const values: Readonly<Record<string, string>> = { host, port: String(port), name };
  return options.replace(/%%|%\{(host|port|name)\}/g, (_, field?: string) =>
    field === undefined ? "%" : (values[field] ?? ""),
  );
}

function wordsOf(options: string): readonly string[] {
  return options.split(/\s+/).filter(Boolean);
}
