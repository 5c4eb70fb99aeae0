/** How a row looks: a colour never stands alone, the words beside it tell the same. */
export type Style = "plain" | "bold" | "dim" | "reverse" | "good" | "doubtful" | "bad";

const codes: Readonly<Record<Style, string>> = {
  plain: "",
  bold: "1",
  dim: "2",
  reverse: "7",
  good: "32",
  doubtful: "33",
  bad: "1;31",
};

/** Styles that are colours. */
const colours: readonly Style[] = ["good", "doubtful", "bad"];

/** A printable row with its style; `isPlain` leaves the colours out. */
export function styled(row: string, style: Style, isPlain: boolean): string {
  const code = codes[isPlain && colours.includes(style) ? "plain" : style];
  return code === "" || row === "" ? row : `\x1b[${code}m${row}\x1b[0m`;
}

const words: readonly (readonly [Style, RegExp])[] = [
  ["good", /^(?:IN SYNC:| +(?:serving|in sync) )/],
  [
    "doubtful",
    /^(?:(?:DEGRADED|STARTING|SHUTTING DOWN):| +(?:draining|retained|standby|unknown|not served) )/,
  ],
  [
    "bad",
    /^(?:UNHEALTHY:| +(?:quarantined|unhealthy|not registered|out of sync|failing|proxy down) )/,
  ],
  ["bold", /^\S/],
];

/** The style of a line of an overview, by the word of the state that it begins with; section titles are bold. */
export function styleOf(line: string): Style {
  return words.find(([, pattern]) => pattern.test(line))?.[0] ?? "plain";
}
