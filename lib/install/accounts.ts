import { readFile } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import { run } from "../base/exec.ts";
import { ifSystem } from "../base/fault.ts";

/** A user or a group, by name or number. */
export interface Account {
  readonly kind: "user" | "group";
  readonly name: string;
}

/** Each kind has a file and a database of the name service switch, which may ask a directory such as LDAP. */
const databases = { user: "passwd", group: "group" };

/** The limit of a request to a directory, in milliseconds. */
const lookupMs = 5000;

/** The number of a user or a group; undefined if there is none of that name. */
export async function idOf(
  { kind, name }: Account,
  clock: Clock,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (/^\d+$/.test(name)) return Number(name);
  const database = databases[kind];
  const local = idIn((await readFile(`/etc/${database}`, "utf8").catch(ifSystem)) ?? "", name);
  if (local !== undefined) return local;
  const argv = ["getent", database, name];
  const { ok, output } = await run({ argv, timeoutMs: lookupMs }, clock, signal);
  return ok ? idIn(output, name) : undefined;
}

/** In both files the third field is the number. */
function idIn(text: string, name: string): number | undefined {
  const line = text.split("\n").find((one) => one.startsWith(`${name}:`));
  const id = line?.split(":")[2] ?? "";
  return /^\d+$/.test(id) ? Number(id) : undefined;
}
