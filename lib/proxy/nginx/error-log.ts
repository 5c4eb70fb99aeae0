import { type FileHandle, open, stat } from "node:fs/promises";
import { systemCode } from "../../base/fault.ts";

/**
 * Reads the lines that a master appends to its error log from now on. The file stays open, so that a log that is renamed
 * by log rotation is still read: nginx keeps writing to the file that it has open, too.
 */
export class ErrorLog {
  readonly #file: FileHandle;
  readonly #pattern: RegExp;
  readonly #emergencies: string[] = [];
  #position: number;
  #partialLine = "";

  private constructor(file: FileHandle, position: number, master: number) {
    this.#file = file;
    this.#position = position;
    // Other processes write to the same file: the workers, and every `nginx -t`.
    this.#pattern = new RegExp(`\\[emerg\\] ${master}#\\d+: (.*)$`);
  }

  /**
   * Opens the log at `path`, or else the file that is the master's standard error. Returns undefined if there is none
   * that can be read, such as when the log goes to a pipe or a journal.
   */
  static async atEnd(path: string | undefined, master: number): Promise<ErrorLog | undefined> {
    const logPath = path ?? `/proc/${master}/fd/2`;
    try {
      // Opening a pipe or a terminal could block for ever, or consume data meant for another reader.
      const stats = await stat(logPath);
      if (!stats.isFile()) return undefined;
      return new ErrorLog(await open(logPath), stats.size, master);
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return undefined;
    }
  }

  /** The messages of all `[emerg]` lines of the master since the log was opened, without date and process id. */
  async emergencies(): Promise<readonly string[]> {
    const buffer = Buffer.alloc(64 * 1024);
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, this.#position);
      if (bytesRead === 0) return this.#emergencies;
      this.#position += bytesRead;
      const lines = (this.#partialLine + buffer.toString("utf8", 0, bytesRead)).split("\n");
      this.#partialLine = lines.pop() ?? "";
      for (const line of lines) {
        const message = this.#pattern.exec(line)?.[1];
        if (message !== undefined) this.#emergencies.push(message);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/** Whether the message means that the reload has failed: the master tries to bind an address five times in 2.5 s. */
export function isFinal(emergency: string): boolean {
  return !/^bind\(\) to .* failed/.test(emergency);
}
