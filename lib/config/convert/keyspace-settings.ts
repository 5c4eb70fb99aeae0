import type { KeyspaceConfig } from "../../keyspace/schema.ts";
import { given, type Settings } from "./minimal.ts";

/** The variable that stands for a password, which is not printed. */
export const passwordVariable = "KEYSPACE_PASSWORD";

/** A keyspace as it is written: its URL, if it has nothing else. */
export function keyspaceSettings({
  url,
  location,
  access,
  sequential,
}: KeyspaceConfig): string | Settings {
  const filter = location.kind === "yaml" && location.filter !== "*" ? location.filter : undefined;
  const password = access.password && `\${${passwordVariable}}`;
  const settings = given({
    ...literal({ ...access, password: undefined }),
    password,
    filter,
    sequential,
  });
  return Object.keys(settings).length === 0
    ? literalText(url)
    : { url: literalText(url), ...settings };
}

/** The same value in which no dollar sign is a reference to a variable. */
export function literal<T>(value: T): T {
  if (typeof value === "string") return literalText(value) as T;
  if (Array.isArray(value)) return value.map(literal) as T;
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, literal(member)]);
  return Object.fromEntries(members) as T;
}

/** A single dollar sign stands for itself, as long as no variable follows. */
function literalText(text: string): string {
  return text.replace(/\$(?=[${])/g, "$$$$");
}
