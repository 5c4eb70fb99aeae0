import { printable, printableJson } from "./printable.ts";

export const levels = ["debug", "info", "warn", "error"] as const;

export type Level = (typeof levels)[number];

/** `json`: an object in each line; `text`: a sentence. */
export const logFormats = ["json", "text"] as const;

export type LogFormat = (typeof logFormats)[number];

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
  /** Called before the first line of a log in this format. */
  readonly begin?: (format: LogFormat) => void;
  /** Sets the format of the line that reports how many lines could not be written; absent if all can be. */
  readonly reportDropped?: (notice: (lines: number) => string) => void;
}

const rank: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** The format of a log whose reader has not asked for another: sentences on a terminal, and JSON elsewhere. */
export function usualFormat({ terminal }: Pick<LogSink, "terminal">): LogFormat {
  return terminal ? "text" : "json";
}

/** Logs events of level `minimum` and above. A function is called for each event. */
export function createLog(
  sink: LogSink,
  minimum: Level | (() => Level),
  as: LogFormat = usualFormat(sink),
): Log {
  const least = typeof minimum === "string" ? () => minimum : minimum;
  const format = as === "json" ? json : sink.terminal ? coloured : plain;
  const write = sink.writeLine ?? sink.write;
  sink.begin?.(as);
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

function plain({ level, sentence }: Line, at: Date): string {
  return `${at.toISOString()} ${markOf(level)}${printable(sentence)}`;
}

function markOf(level: Level): string {
  return level === "info" ? "" : `${level}: `;
}

function coloured({ level, sentence }: Line, at: Date): string {
  const time = at.toTimeString().slice(0, 8);
  const mark = markOf(level);
  return `\x1b[2m${time}\x1b[0m ${paint[level]}${mark}${printable(sentence)}${paint[level] && "\x1b[0m"}`;
}
