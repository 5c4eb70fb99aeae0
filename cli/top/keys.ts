/** A key at a terminal: `text` is one printable character. */
export type Key =
  | ("up" | "down" | "page up" | "page down" | "home" | "end")
  | ("enter" | "escape" | "backspace" | "interrupt")
  | { readonly text: string };

const named: Readonly<Record<string, Key>> = {
  "\x1b[A": "up",
  "\x1bOA": "up",
  "\x1b[B": "down",
  "\x1bOB": "down",
  "\x1b[5~": "page up",
  "\x1b[6~": "page down",
  "\x1b[H": "home",
  "\x1bOH": "home",
  "\x1b[1~": "home",
  "\x1b[F": "end",
  "\x1bOF": "end",
  "\x1b[4~": "end",
  "\r": "enter",
  "\n": "enter",
  "\x1b": "escape",
  "\x7f": "backspace",
  "\b": "backspace",
  // Ctrl-C and Ctrl-D, which a terminal in raw mode hands on.
  "\x03": "interrupt",
  "\x04": "interrupt",
};

/** A sequence of a function key, or any other character. */
const sequence = /\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|[\s\S]/gu;

/** The keys in what a terminal sends. Unknown ones are left out. */
export function keysIn(input: string): readonly Key[] {
  return (input.match(sequence) ?? []).flatMap((one) => {
    const known = Object.hasOwn(named, one) ? named[one] : undefined;
    if (known !== undefined) return [known];
    return /^[^\p{C}]$/u.test(one) ? [{ text: one }] : [];
  });
}
