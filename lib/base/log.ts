import { printable, printableJson } from "./printable.ts";

export type Level = "debug" | "info" | "warn" | "error";

export type Details = Readonly<Record<string, unknown>>;

type LogFunction = (event: string, sentence: string, details?: Details) => void;

/** Writes one line for each event: its stable name, a sentence, and details. */
export interface Log {
  readonly debug: LogFunction;
  readonly info: LogFunction;
  readonly warn: LogFunction;
  readonly error: LogFunction;
}

interface Line {
  readonly level: Level;
  readonly event: string;
  readonly sentence: string;
  readonly details: Details;
}

/** Destination of log lines: `write` takes text; `terminal` selects the human-readable format. */
export interface LogSink {
  readonly terminal: boolean;
  readonly write: (text: string) => void;
  /** Takes whole lines that are printable already, their colours included; by default, `write` takes them. */
  readonly writeLine?: (line: string) => void;
  /** Called before the first line of a log. */
  readonly begin?: () => void;
  /** Sets the format of the line that reports how many lines could not be written; absent if all can be. */
  readonly reportDropped?: (notice: (lines: number) => string) => void;
}

const rank: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * Logs events of level `minimum` and above: one JSON object per line, or a sentence on a terminal. A function is called for each
 * event.
 */
export function createLog(sink: LogSink, minimum: Level | (() => Level)): Log {
  const least = typeof minimum === "string" ? () => minimum : minimum;
  const format = sink.terminal ? readable : json;
  const write = sink.writeLine ?? sink.write;
  sink.begin?.();
  const at =
    (level: Level): LogFunction =>
    (event, sentence, details = {}) => {
      if (rank[level] < rank[least()]) return;
      write(`${format({ level, event, sentence, details }, new Date())}\n`);
    };
  sink.reportDropped?.((lines) => {
    const sentence = `${lines} log lines could not be written and were dropped`;
    const line: Line = { level: "warn", event: "log_lines_dropped", sentence, details: { lines } };
    return `${format(line, new Date())}\n`;
  });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function json({ level, event, sentence, details }: Line, at: Date): string {
  return printableJson({ time: at.toISOString(), level, event, message: sentence, ...details });
}

const paint: Readonly<Record<Level, string>> = {
  debug: "\x1b[2m",
  info: "",
  warn: "\x1b[33m",
  error: "\x1b[31m",
};

function readable({ level, sentence }: Line, at: Date): string {
  const time = at.toTimeString().slice(0, 8);
  const mark = level === "info" ? "" : `${level}: `;
  return `\x1b[2m${time}\x1b[0m ${paint[level]}${mark}${printable(sentence)}${paint[level] && "\x1b[0m"}`;
}
