import { type FileHandle, open, stat } from "node:fs/promises";
import { systemCode } from "../../base/fault.ts";

/**
 * What a master writes to its error log from now on. nginx keeps writing to the file it has open, so that
 * a log which is renamed meanwhile is followed, as nginx does.
 */
export class ErrorLog {
  readonly #file: FileHandle;
  readonly #emergency: RegExp;
  #position: number;
  #rest = "";
  readonly #found: string[] = [];

  private constructor(file: FileHandle, position: number, master: number) {
    this.#file = file;
    this.#position = position;
    // Others write there too: the workers, and anybody who runs nginx -t.
    this.#emergency = new RegExp(`\\[emerg\\] ${master}#\\d+: (.*)$`);
  }

  /**
   * The log at a path, or else the one that nginx makes its standard error. Undefined where there is none
   * that we may read, as when it goes to a pipe or a journal.
   */
  static async atEnd(path: string | undefined, master: number): Promise<ErrorLog | undefined> {
    const place = path ?? `/proc/${master}/fd/2`;
    try {
      // Opening a pipe, a terminal or a socket could wait for ever, or take away what others read.
      const stats = await stat(place);
      if (!stats.isFile()) return undefined;
      return new ErrorLog(await open(place), stats.size, master);
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return undefined;
    }
  }

  /** Every `[emerg]` of the master since the beginning: what it says, without date and process. */
  async emergencies(): Promise<readonly string[]> {
    const buffer = Buffer.alloc(64 * 1024);
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, this.#position);
      if (bytesRead === 0) return this.#found;
      this.#position += bytesRead;
      const lines = (this.#rest + buffer.toString("utf8", 0, bytesRead)).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) {
        const words = this.#emergency.exec(line)?.[1];
        if (words !== undefined) this.#found.push(words);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/** Whether the master has given up. It tries to bind an address five times in 2.5 s before it does. */
export function isFinal(emergency: string): boolean {
  return !/^bind\(\) to .* failed/.test(emergency);
}
