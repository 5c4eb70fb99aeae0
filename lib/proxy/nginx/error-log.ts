import { type FileHandle, open } from "node:fs/promises";
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

  /** Undefined where there is no log that we may read. */
  static async atEnd(path: string, master: number): Promise<ErrorLog | undefined> {
    try {
      const file = await open(path);
      return new ErrorLog(file, (await file.stat()).size, master);
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
