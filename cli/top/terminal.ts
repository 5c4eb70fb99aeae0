/** The size of a terminal in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What a person does at a terminal. */
export interface TerminalListener {
  /** Keys, as the terminal sends them. */
  readonly onInput: (text: string) => void;
  readonly onResize: () => void;
  /** The terminal sends nothing any longer. */
  readonly onEnd: () => void;
}

/** A terminal that shows a screen of its own until it is disposed of; then it shows what it did before. */
export interface Terminal extends Disposable {
  readonly size: Size;
  /** Writes as it is: what steers the terminal does. */
  write(text: string): void;
}

export type OpenTerminal = (listener: TerminalListener) => Terminal;

/** A screen of its own, without a cursor; longer lines are cut. */
const enter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const leave = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

/** The terminal of a process. */
export interface ProcessTerminal {
  /** Whether input and output are a terminal. */
  readonly isPresent: boolean;
  /** The name of its kind. */
  readonly kind: string | undefined;
  readonly stdin: () => NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Writes at once, also while the process exits. */
  readonly writeNow: (text: string) => void;
  /** Calls `listener` when the process exits, until the result is disposed of. */
  readonly onExit: (listener: () => void) => Disposable;
}

/** How to open the terminal of a process; undefined if it has none, or one that cannot show a screen. */
export function terminalOf(given: ProcessTerminal): OpenTerminal | undefined {
  const { isPresent, kind, stdout, writeNow, onExit } = given;
  if (!isPresent || kind === undefined || kind === "dumb") return undefined;
  return ({ onInput, onResize, onEnd }) => {
    const stdin = given.stdin();
    let isOpen = true;
    const restore = () => {
      if (!isOpen) return;
      isOpen = false;
      stdin.setRawMode(false);
      writeNow(leave);
    };
    // However the program ends: a shell in raw mode shows nothing of what is typed.
    const exiting = onExit(restore);
    stdin.setEncoding("utf8").on("data", onInput).on("end", onEnd).on("error", onEnd);
    stdin.setRawMode(true);
    stdout.on("resize", onResize);
    stdout.write(enter);
    return {
      get size() {
        // A terminal that has not been given a size has 0 columns.
        return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
      },
      write: (text) => void stdout.write(text),
      [Symbol.dispose]: () => {
        exiting[Symbol.dispose]();
        stdin.off("data", onInput).off("end", onEnd).off("error", onEnd).pause();
        stdout.off("resize", onResize);
        restore();
      },
    };
  };
}
