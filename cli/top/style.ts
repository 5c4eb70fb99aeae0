import { fileTones, instanceTones, type Tone, verdictTones } from "../../lib/overview/tones.ts";

/** How a row looks: a colour never stands alone, the words beside it tell the same. */
export type Style = "plain" | "bold" | "dim" | "reverse" | Tone;

const codes: Readonly<Record<Style, string>> = {
  plain: "",
  bold: "1",
  dim: "2",
  reverse: "7",
  good: "32",
  note: "36",
  warn: "33",
  bad: "1;31",
  quiet: "2",
};

/** Styles that are colours. */
const colours: readonly Style[] = ["good", "note", "warn", "bad"];

/** A printable row with its style; `isPlain` leaves the colours out. */
export function styled(row: string, style: Style, isPlain: boolean): string {
  const code = codes[isPlain && colours.includes(style) ? "plain" : style];
  return code === "" || row === "" ? row : `\x1b[${code}m${row}\x1b[0m`;
}

const verdicts: Readonly<Record<string, Tone>> = verdictTones;
const states: Readonly<Record<string, Tone>> = { ...instanceTones, ...fileTones };
const stated = new RegExp(`^ +(${Object.keys(states).join("|")}) `);

/** The style of a line of an overview, by the word of the state that it begins with; section titles are bold. */
export function styleOf(line: string): Style {
  const [, verdict = ""] = /^([A-Z ]+):/.exec(line) ?? [];
  const [, state = ""] = stated.exec(line) ?? [];
  const tone = verdicts[verdict.toLowerCase()] ?? states[state];
  return tone ?? (/^\S/.test(line) ? "bold" : "plain");
}
