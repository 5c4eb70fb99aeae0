import { toSeconds } from "../../lib/base/dates.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import { printable } from "../../lib/base/printable.ts";
import type { Choice, Heard } from "./state.ts";
import { type Style, styled, styleOf } from "./style.ts";
import type { Size } from "./terminal.ts";
import { cut, widthOf, wrapped } from "./width.ts";

/** An answer that is older than this is stale: two questions have had none. In milliseconds. */
const freshMs = 3000;

export interface Frame {
  /** As many as the terminal has. */
  readonly rows: readonly string[];
  /** How many rows of text are visible. */
  readonly page: number;
  /** The last row at which the text may begin. */
  readonly most: number;
}

export const emptyFrame: Frame = { rows: [], page: 1, most: 0 };

export interface Look {
  readonly size: Size;
  readonly nowMs: number;
  /** Without colours. */
  readonly isPlain: boolean;
}

/** A bar with the age of the answer, the overview, and a bar with the keys. */
export function frameOf(heard: Heard, choice: Choice, { size, nowMs, isPlain }: Look): Frame {
  const { columns, rows } = size;
  const isStale = heard.problem !== "" || nowMs - heard.atMs > freshMs;
  const problem = heard.problem === "" ? [] : wrapped(printable(heard.problem), columns);
  const text = bodyRows(heard, choice, columns);
  const page = Math.max(1, rows - 2 - problem.length);
  const most = Math.max(0, text.length - page);
  const top = Math.min(choice.top, most);
  const visible = text.slice(top, top + page);
  const body = [
    ...problem.map((row) => styled(row, "bad", isPlain)),
    ...visible.map(([row, style]) => styled(row, isStale ? "dim" : style, isPlain)),
  ].slice(0, Math.max(0, rows - 2));
  const blank = Array.from({ length: rows - 2 - body.length }, () => "");
  const bar = (row: string) =>
    styled(row + " ".repeat(Math.max(0, columns - widthOf(row))), "reverse", isPlain);
  const range = `${text.length === 0 ? 0 : top + 1}-${top + visible.length} of ${text.length}`;
  const all = [
    bar(cut(headBar(heard, isStale, nowMs), columns)),
    ...body,
    ...blank,
    bar(cut(footBar(choice, range), columns)),
  ];
  return { rows: all.slice(0, rows), page, most };
}

function headBar({ last: { overview }, atMs }: Heard, isStale: boolean, nowMs: number): string {
  const { hostName, pid, at, version, keyspace } = overview;
  const time = toSeconds(at);
  if (!isStale) {
    const where = `${hostName}, process ${pid}`;
    return printable(`sidekick top  ${where}  ${time}  ${keyspace}  version ${version}`);
  }
  const age = formatDuration(1000 * Math.floor((nowMs - atMs) / 1000));
  return printable(`STALE: last heard ${age} ago, ${time}`);
}

function footBar({ filter, isTyping }: Choice, range: string): string {
  if (isTyping) return printable(`/${filter}_  enter keeps, escape shows all`);
  const shown = filter === "" ? "/ filter" : `only "${filter}", escape shows all`;
  return printable(`q leave  ↑↓ PgUp PgDn scroll  ${shown}  ${range}`);
}

/** The rows of the text with their styles. The lines before the first section are shown whatever the filter is. */
function bodyRows({ last }: Heard, { filter }: Choice, columns: number) {
  const lines = last.text.split("\n").slice(0, -1);
  const sections = lines.indexOf("");
  const wanted = filter.toLowerCase();
  return lines.flatMap((line, i): readonly (readonly [string, Style])[] => {
    // The bar has it.
    if (i < sections && line.startsWith("sidekick ")) return [];
    const isHead = sections === -1 || i <= sections;
    if (!isHead && wanted !== "" && !line.toLowerCase().includes(wanted)) return [];
    const style = i > 0 && i < sections ? "plain" : styleOf(line);
    return wrapped(line, columns).map((row) => [row, style] as const);
  });
}

/** What makes a terminal that shows `before` show `rows`; all of them if it shows something else. */
export function drawing(before: readonly string[] | undefined, rows: readonly string[]): string {
  const changed = rows.flatMap((row, i) =>
    before && before[i] === row ? [] : [`\x1b[${i + 1};1H${row}\x1b[K`],
  );
  return `${before ? "" : "\x1b[2J"}${changed.join("")}`;
}
