import { closeSync, openSync } from "node:fs";
import { systemCode } from "./fault.ts";

/** Errors of the system that have their cause in this process or its machine, whatever the work was, and the lack. */
const lacks: Readonly<Record<string, string>> = {
  EMFILE: "no file descriptors left for this process (see ulimit -n)",
  ENFILE: "no file descriptors left on this machine",
  EAGAIN: "no further processes or kernel resources for this user (see ulimit -u)",
  ENOMEM: "no memory left",
  ENOBUFS: "no network buffers left",
  EADDRNOTAVAIL: "no local address or port left for a connection",
};

/**
 * Describes the resource that this process lacked when an error occurred: `no memory left (ENOMEM)`. Undefined if the error
 * is about something else, such as the target of a connection.
 */
export function shortageIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // A name has several addresses: if one of them was tried, the error of that one counts.
  if (error instanceof AggregateError && error.errors.length > 0) {
    const found = error.errors.map(shortageIn);
    return found.includes(undefined) ? undefined : found[0];
  }
  const code = systemCode(error) ?? "";
  const lack = Object.hasOwn(lacks, code) ? lacks[code] : undefined;
  // The system does not report why a name could not be looked up.
  if ("syscall" in error && error.syscall === "getaddrinfo") return fileShortage();
  return lack ? `${lack} (${code})` : shortageIn(error.cause);
}

/** Describes the lack of file descriptors at the moment; undefined if there are some. */
export function fileShortage(): string | undefined {
  try {
    closeSync(openSync("/dev/null", "r"));
    return undefined;
  } catch (error) {
    return shortageIn(error);
  }
}

/** What shells print where they cannot start a process. */
const failedFork =
  /\b(cannot|can't|could not|unable to|failed to) (v?fork|clone)\b|\bv?fork: .*(temporarily unavailable|cannot allocate memory|retry)/i;

/** Describes the resource that a failed command lacked, according to its output. */
export function shortageInOutput(output: string): string | undefined {
  const line = output.split("\n").find((one) => failedFork.test(one));
  return line && `no further processes for this user (${line.trim().slice(0, 200)})`;
}
