import { Fault, sentence } from "../lib/base/fault.ts";
import type { LineWriter } from "../lib/base/line-writer.ts";
import { createLog, type Log } from "../lib/base/log.ts";
import { printable, printableText } from "../lib/base/printable.ts";
import type { ErrorStream } from "./world.ts";

/** Standard error, written by `lines`: the stream of Node.js fails for good with the first error. */
export function standardError(lines: LineWriter, terminal: boolean): ErrorStream {
  let isJsonLog = false;
  return {
    terminal,
    write: (text) => lines.write(printableText(text)),
    writeLine: (line) => lines.write(line),
    reportDropped: (notice) => lines.reportDropped(notice),
    begin: (format) => {
      isJsonLog = format === "json";
    },
    isJsonLog: () => isJsonLog,
  };
}

function omit(): void {}

/** A log for people: warnings and errors are sentences, whatever standard error is. */
export function sentenceLog(err: ErrorStream): Log {
  const print = (_event: string, text: string) => err.write(`sidekick: ${printable(text)}\n`);
  return { debug: omit, info: omit, warn: print, error: print };
}

/** A log of which nothing is shown. */
export const silent: Log = { debug: omit, info: omit, warn: omit, error: omit };

/** Prints why the program ends: a fault as one sentence, a bug with its stack; in a log of JSON lines, as one of them. */
export function reportFailure(error: unknown, err: ErrorStream): void {
  const isFault = error instanceof Fault;
  if (err.isJsonLog?.()) {
    const log = createLog(err, "error", "json");
    const [code, stack] = isFault ? [error.code, undefined] : [undefined, stackOf(error)];
    log.error("failed", isFault ? sentence(error) : `this is a bug: ${sentence(error)}`, {
      code,
      stack,
    });
    return;
  }
  err.write(`sidekick: ${isFault ? sentence(error) : `this is a bug: ${stackOf(error)}`}\n`);
}

/** Prints a text of Node.js or of a library; in a log of JSON lines, as one of them. */
export function reportRuntimeMessage(text: string, err: ErrorStream): void {
  if (err.isJsonLog?.()) {
    const log = createLog(err, "warn", "json");
    log.warn("runtime_message", text.trimEnd());
    return;
  }
  err.write(text);
}

function stackOf(error: unknown): string {
  return (error instanceof Error && error.stack) || String(error);
}

/**
 * Has all further texts of Node.js and of libraries reported, such as warnings and `console.error`. Only the last words of
 * a Node.js that cannot go on, for instance without memory, do not pass through here.
 */
export function captureRuntimeMessages(err: ErrorStream): void {
  process.stderr.write = (text: Uint8Array | string) => {
    reportRuntimeMessage(typeof text === "string" ? text : Buffer.from(text).toString(), err);
    return true;
  };
  // Without the listener of Node.js, warnings are switched off.
  if (process.listenerCount("warning") === 0) return;
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => {
    reportRuntimeMessage(`Node.js: ${name}: ${message}\n`, err);
  });
}
