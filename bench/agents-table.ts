import { markdownTable } from "../docs/generate/markdown.ts";
import type { AgentsFigures } from "./agents-load.ts";
import { median } from "./figures.ts";

type Runs = readonly AgentsFigures[];

/** Formats the runs with one store as a cell. */
type Format = (runs: Runs) => string;

const middle = (runs: Runs, of: (figures: AgentsFigures) => number) => median(runs.map(of));

const ms =
  (of: (figures: AgentsFigures) => number): Format =>
  (runs) =>
    `${middle(runs, of).toFixed(0)} ms`;

const ratio =
  (a: (figures: AgentsFigures) => number, b: (figures: AgentsFigures) => number): Format =>
  (runs) =>
    `${(middle(runs, a) / middle(runs, b)).toFixed(1)}`;

const memory =
  (of: (figures: AgentsFigures) => { readonly idleMb: number; readonly peakMb: number }): Format =>
  (runs) => {
    const [idle, peak] = [middle(runs, (f) => of(f).idleMb), middle(runs, (f) => of(f).peakMb)];
    return `${idle.toFixed(0)} / ${peak.toFixed(0)} MB`;
  };

const writingMs = ({ firstKeyMs, lastKeyMs }: AgentsFigures) => lastKeyMs - firstKeyMs;

const rows: readonly (readonly [string, Format])[] = [
  ["bare client: all keys written", ms(({ bareWriteMs }) => bareWriteMs)],
  ["presence: start → first key", ms(({ firstKeyMs }) => firstKeyMs)],
  ["presence: first key → last key", ms(writingMs)],
  ["÷ bare client", ratio(writingMs, ({ bareWriteMs }) => bareWriteMs)],
  ["watch: start → complete file", ms(({ fileMs }) => fileMs)],
  ["running watch: last key → complete file", ms(({ lastKeyToFileMs }) => lastKeyToFileMs)],
  ["bare client: end of lease or session → no key", ms(({ bareGoneMs }) => bareGoneMs)],
  ["presence: SIGTERM → no key", ms(({ goneMs }) => goneMs)],
  ["running watch: SIGTERM → empty file", ms(({ emptyFileMs }) => emptyFileMs)],
  ["presence: memory idle / peak", memory(({ presence }) => presence)],
  ["watch: memory idle / peak", memory(({ watcher }) => watcher)],
  ["presence: CPU idle, per second", ms(({ presence }) => presence.cpuMs)],
  ["watch: CPU idle, per second", ms(({ watcher }) => watcher.cpuMs)],
];

/** A column for each store. */
export function agentsTable(title: string, runs: ReadonlyMap<string, Runs>): string {
  return markdownTable(
    [title, ...runs.keys()],
    rows.map(([what, format]) => [what, ...[...runs.values()].map(format)]),
  );
}
