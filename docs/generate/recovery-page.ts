import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What `npm run faults` measured: one row for each fault and keyspace. */
export interface Measured {
  /** Versions and the machine, for people. */
  readonly setting: readonly string[];
  readonly rows: readonly MeasuredRow[];
}

export interface MeasuredRow {
  readonly fault: string;
  readonly keyspace: string;
  readonly members: number;
  /** Since when recovering is counted. */
  readonly since: string;
  /** One of each for each time that the fault was made. */
  readonly trials: readonly MeasuredTrial[];
}

export interface MeasuredTrial {
  readonly recoveredMs: number;
  readonly missingMs: number;
  /** The entries kept their session. */
  readonly kept: boolean;
  /** The agents' memory after it. */
  readonly watcherMb: number;
  readonly presenceMb: number;
}

/** Where it is kept, below the project's folder. */
export const measuredFile = "docs/measured/recovery.json";

export async function readMeasured(root: string): Promise<Measured> {
  return JSON.parse(await readFile(join(root, measuredFile), "utf8"));
}

export function recoveryTable({ setting, rows }: Measured): string {
  const head = [
    ["fault", "servers", "keyspace", "entries", "recovered after: median, worst", "since"],
    ["missing: median, worst", "times", "memory in MB: agent, watcher"],
  ].flat();
  const lines = rows.map(line);
  return [
    ...setting.map((text) => `- ${text}`),
    "",
    `| ${head.join(" | ")} |`,
    `|${"---|".repeat(head.length)}`,
    ...lines,
  ].join("\n");
}

function line({ fault, members, keyspace, since, trials }: MeasuredRow): string {
  const of = (pick: (trial: MeasuredTrial) => number) => trials.map(pick);
  const cells = [
    fault,
    members,
    keyspace,
    outcome(trials),
    spread(of(({ recoveredMs }) => recoveredMs)),
    since,
    spread(of(({ missingMs }) => missingMs)),
    trials.length,
    `${growth(of(({ presenceMb }) => presenceMb))}, ${growth(of(({ watcherMb }) => watcherMb))}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

function outcome(trials: readonly MeasuredTrial[]): string {
  const kept = trials.filter((trial) => trial.kept).length;
  if (kept === trials.length) return "kept";
  return kept === 0 ? "announced anew" : `kept ${kept} times, else announced anew`;
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const [median = 0, worst = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return worst === 0 ? "0" : `${inSeconds(median)}, ${inSeconds(worst)}`;
}

function inSeconds(ms: number): string {
  return ms === 0 ? "0" : `${(ms / 1000).toFixed(2)} s`;
}

/** From the first to the last of them. */
function growth(sizes: readonly number[]): string {
  return [sizes[0], sizes.at(-1)].map((size) => Math.round(size ?? 0)).join(" → ");
}

export function soakTable(soaks: readonly Soak[]): string {
  return soaks.flatMap(soakLines).join("\n");
}

function soakLines(soak: Soak): readonly string[] {
  const { keyspace, minutes, seed, ttlMs, rests, differencesAtRest, made, rows } = soak;
  const all = made.reduce((sum, [, times]) => sum + times, 0);
  const events = made.map(([action, times]) => `${action} (${times})`).join(", ");
  const head = ["difference", "servers", "times", "median", "99 of 100 within", "longest"];
  return [
    `### ${keyspace}`,
    "",
    `${minutes} minutes, seed ${seed}, time to live ${inSeconds(ttlMs)}. ${rests} times at rest: ${differencesAtRest} differences.`,
    `${all} things happened: ${events}.`,
    "",
    `| ${head.join(" | ")} |`,
    `|${"---|".repeat(head.length)}`,
    ...rows.map((row) => {
      const servers = row.duringFault ? "failing" : "well";
      const times = [row.medianMs, row.p99Ms, row.longestMs].map(inSeconds);
      return `| ${[row.kind, servers, row.count, ...times].join(" | ")} |`;
    }),
    "",
  ];
}

/** What `npm run soak` measured on one keyspace. */
export interface Soak {
  readonly keyspace: string;
  readonly seed: number;
  readonly minutes: number;
  readonly ttlMs: number;
  /** How often all was left alone until nothing differed. */
  readonly rests: number;
  readonly differencesAtRest: number;
  /** What was done, and how often. */
  readonly made: readonly (readonly [action: string, times: number])[];
  readonly rows: readonly SoakRow[];
}

export interface SoakRow {
  readonly kind: string;
  /** Whether a fault of the servers was being made at some time of it. */
  readonly duringFault: boolean;
  readonly count: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

export const measuredSoakFile = "docs/measured/soak.json";

export async function readSoaks(root: string): Promise<readonly Soak[]> {
  return JSON.parse(await readFile(join(root, measuredSoakFile), "utf8"));
}
