import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { replaceOwnFile } from "../base/atomic.ts";
import { systemCode } from "../base/fault.ts";
import type { Requested } from "./contract.ts";
import { faults } from "./faults.ts";
import { decodeRequested, encodeRequested, type Moment } from "./requested-codec.ts";

/** The longest file that is read, in bytes: 100 000 drains have about a fifth of it. */
const mostBytes = 64 * 1024 * 1024;

/** Replaces the file atomically; only its owner may read it. Throws PRESENCE_REQUESTED_UNWRITABLE. */
export async function writeRequested(
  path: string,
  requested: Requested,
  moment: Moment,
): Promise<void> {
  const content = Buffer.from(encodeRequested(requested, moment));
  try {
    await replaceOwnFile(path, content);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw faults.PRESENCE_REQUESTED_UNWRITABLE({ path }, error);
  }
}

/** Reads the file; undefined if there is none. Throws PRESENCE_REQUESTED_REJECTED. */
export async function readRequested(path: string, moment: Moment): Promise<Requested | undefined> {
  try {
    const text = await readText(path);
    return text === undefined ? undefined : decodeRequested(text, moment);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw faults.PRESENCE_REQUESTED_REJECTED({ path, why: error.message });
    }
    if (systemCode(error) === undefined) throw error;
    throw faults.PRESENCE_REQUESTED_REJECTED({ path, why: "it cannot be read" }, error);
  }
}

/** Throws a SyntaxError for anything but a file of moderate length: reading a pipe would not end. */
async function readText(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    },
  );
  if (!file) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new SyntaxError("it is no file");
    if (stats.size > mostBytes) throw new SyntaxError(`it is longer than ${mostBytes} bytes`);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
