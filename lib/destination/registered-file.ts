import { readFile } from "node:fs/promises";
import { replaceOwnFile } from "../base/atomic.ts";
import { systemCode } from "../base/fault.ts";
import { isHost } from "../model/host.ts";
import { isInstanceId, isServiceName } from "../model/names.ts";
import type { Wanted } from "./contract.ts";
import { faults } from "./faults.ts";

/** What may be registered, by the name of the destination. */
export type RegisteredByDestination = ReadonlyMap<string, readonly Wanted[]>;

/** Replaces the file atomically; only its owner may read it. Throws DESTINATION_RECORD_UNWRITABLE. */
export async function writeRegistered(
  path: string,
  registered: RegisteredByDestination,
): Promise<void> {
  const destinations = Object.fromEntries(registered);
  const content = Buffer.from(`${JSON.stringify({ version: 1, destinations })}\n`);
  try {
    await replaceOwnFile(path, content);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw faults.DESTINATION_RECORD_UNWRITABLE({ path }, error);
  }
}

/** Reads the file; empty if there is none. Throws DESTINATION_RECORD_REJECTED. */
export async function readRegistered(path: string): Promise<RegisteredByDestination> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return new Map();
    if (systemCode(error) === undefined) throw error;
    throw faults.DESTINATION_RECORD_REJECTED({ path, why: "it cannot be read" }, error);
  }
  const registered = decode(text);
  if (registered) return registered;
  throw faults.DESTINATION_RECORD_REJECTED({ path, why: "it is not as it was written" });
}

function decode(text: string): RegisteredByDestination | undefined {
  const file = parse(text);
  if (!isObject(file) || file.version !== 1 || !isObject(file.destinations)) return undefined;
  const all = Object.entries(file.destinations);
  const isValid = all.every(([, list]) => Array.isArray(list) && list.every(isWanted));
  return isValid ? new Map(all as readonly [string, readonly Wanted[]][]) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isWanted(value: unknown): value is Wanted {
  if (!isObject(value) || !isObject(value.instance)) return false;
  const { service, id, host, port } = value.instance;
  return (
    typeof value.isDraining === "boolean" &&
    typeof service === "string" &&
    isServiceName(service) &&
    typeof id === "string" &&
    isInstanceId(id) &&
    value.name === `${service}/${id}` &&
    typeof host === "string" &&
    isHost(host) &&
    typeof port === "number"
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
