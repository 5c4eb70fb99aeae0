import { markdownTable } from "../docs/generate/markdown.ts";
import type { AgentsFigures } from "./agents-load.ts";
import { median } from "./figures.ts";

type Runs = readonly AgentsFigures[];

/** What a row says of the runs with one store. */
type Say = (runs: Runs) => string;

const middle = (runs: Runs, of: (figures: AgentsFigures) => number) => median(runs.map(of));

const ms =
  (of: (figures: AgentsFigures) => number): Say =>
  (runs) =>
    `${middle(runs, of).toFixed(0)} ms`;

const ratio =
  (a: (figures: AgentsFigures) => number, b: (figures: AgentsFigures) => number): Say =>
  (runs) =>
    `${(middle(runs, a) / middle(runs, b)).toFixed(1)}`;

const memory =
  (of: (figures: AgentsFigures) => { readonly restMb: number; readonly peakMb: number }): Say =>
  (runs) => {
    const [rest, peak] = [middle(runs, (f) => of(f).restMb), middle(runs, (f) => of(f).peakMb)];
    return `${rest.toFixed(0)} / ${peak.toFixed(0)} MB`;
  };

const writingMs = ({ firstKeyMs, lastKeyMs }: AgentsFigures) => lastKeyMs - firstKeyMs;

const rows: readonly (readonly [string, Say])[] = [
  ["bare client: all keys written", ms(({ bareWriteMs }) => bareWriteMs)],
  ["presence: start → first key", ms(({ firstKeyMs }) => firstKeyMs)],
  ["presence: first key → last key", ms(writingMs)],
  ["÷ bare client", ratio(writingMs, ({ bareWriteMs }) => bareWriteMs)],
  ["watch: start → complete file", ms(({ fileMs }) => fileMs)],
  ["running watch: last key → complete file", ms(({ lastKeyToFileMs }) => lastKeyToFileMs)],
  ["bare client: end of lease or session → no key", ms(({ bareGoneMs }) => bareGoneMs)],
  ["presence: SIGTERM → no key", ms(({ goneMs }) => goneMs)],
  ["running watch: SIGTERM → empty file", ms(({ emptyFileMs }) => emptyFileMs)],
  ["presence: memory at rest / peak", memory(({ presence }) => presence)],
  ["watch: memory at rest / peak", memory(({ watcher }) => watcher)],
  ["presence: CPU at rest, each second", ms(({ presence }) => presence.cpuMs)],
  ["watch: CPU at rest, each second", ms(({ watcher }) => watcher.cpuMs)],
];

/** A column for each store. */
export function agentsTable(title: string, runs: ReadonlyMap<string, Runs>): string {
  return markdownTable(
    [title, ...runs.keys()],
    rows.map(([what, say]) => [what, ...[...runs.values()].map(say)]),
  );
}
