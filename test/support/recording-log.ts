import type { Details, Level, Log } from "../../lib/base/log.ts";

/** A logged line. */
export interface LoggedLine {
  readonly level: Level;
  readonly event: string;
  readonly message: string;
  readonly details: Details;
}

/** A log that keeps its lines in memory. */
export class RecordingLog implements Log {
  readonly lines: LoggedLine[] = [];
  /** Called with each event at the moment at which it is logged. */
  onEvent: (event: string) => void = () => {};
  readonly debug = this.#at("debug");
  readonly info = this.#at("info");
  readonly warn = this.#at("warn");
  readonly error = this.#at("error");

  /** The names of the events in order, without level debug. */
  get events(): readonly string[] {
    return this.lines.filter(({ level }) => level !== "debug").map(({ event }) => event);
  }

  /** The lines since the last call. */
  take(): readonly LoggedLine[] {
    return this.lines.splice(0);
  }

  #at(level: Level) {
    return (event: string, message: string, details: Details = {}) => {
      this.lines.push({ level, event, message, details });
      this.onEvent(event);
    };
  }
}
