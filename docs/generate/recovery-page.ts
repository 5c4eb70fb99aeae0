import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The results of `npm run bench:faults`: one row for each fault and keyspace. */
export interface Measured {
  /** The versions of the servers and the size of the machine, a line each. */
  readonly setting: readonly string[];
  readonly rows: readonly MeasuredRow[];
}

export interface MeasuredRow {
  readonly fault: string;
  readonly keyspace: string;
  readonly members: number;
  /** The moment from which the recovery time is counted. */
  readonly since: string;
  /** One for each time that the fault was injected. */
  readonly trials: readonly MeasuredTrial[];
}

export interface MeasuredTrial {
  readonly recoveredMs: number;
  readonly missingMs: number;
  /** Whether the entries kept their session. */
  readonly kept: boolean;
  /** Resident memory of the agents after the trial, in MB. */
  readonly watcherMb: number;
  readonly presenceMb: number;
}

/** The file of the results, below the project's folder. */
export const measuredFile = "docs/measured/recovery.json";

export async function readMeasured(root: string): Promise<Measured> {
  return JSON.parse(await readFile(join(root, measuredFile), "utf8"));
}

/** The table of `docs/recovery.md`: times are median and worst of all trials. */
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
  return kept === 0 ? "registered again" : `kept ${kept} times, else registered again`;
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const [median = 0, worst = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return worst === 0 ? "0" : `${formatSeconds(median)}, ${formatSeconds(worst)}`;
}

function formatSeconds(ms: number): string {
  return ms === 0 ? "0" : `${(ms / 1000).toFixed(2)} s`;
}

/** Memory after the first and after the last trial. */
function growth(sizes: readonly number[]): string {
  return [sizes[0], sizes.at(-1)].map((size) => Math.round(size ?? 0)).join(" → ");
}

/** A section with its table for each keyspace of the soak test. */
export function soakTables(soaks: readonly Soak[]): string {
  return soaks.map(soakSection).join("\n\n");
}

function soakSection(soak: Soak): string {
  const { keyspace, minutes, seed, ttlMs, rests, differencesAtRest, made, rows, texts } = soak;
  const all = made.reduce((sum, [, times]) => sum + times, 0);
  const events = made.map(([action, times]) => `${action} (${times})`).join(", ");
  const head = ["difference", "servers", "times", "median", "99 of 100 within", "longest"];
  return [
    `### ${keyspace}`,
    "",
    `${minutes} minutes, seed ${seed}, TTL ${formatSeconds(ttlMs)}. Paused ${rests} times: ${differencesAtRest} differences were left.`,
    `${all} actions: ${events}.`,
    ...(texts === undefined
      ? []
      : [`Files were seen with ${texts} different texts: the journal has a cause of each.`]),
    "",
    `| ${head.join(" | ")} |`,
    `|${"---|".repeat(head.length)}`,
    ...rows.map((row) => {
      const servers = row.duringFault ? "failing" : "healthy";
      const times = [row.medianMs, row.p99Ms, row.longestMs].map(formatSeconds);
      return `| ${[row.kind, servers, row.count, ...times].join(" | ")} |`;
    }),
  ].join("\n");
}

/** The results of `npm run bench:soak` on one keyspace. */
export interface Soak {
  readonly keyspace: string;
  readonly seed: number;
  readonly minutes: number;
  readonly ttlMs: number;
  /** How often all actions were paused until nothing differed. */
  readonly rests: number;
  readonly differencesAtRest: number;
  /** How many different texts the files were seen with, each of which had a cause in the journal; absent before that was measured. */
  readonly texts?: number;
  /** Each action and how often it was taken. */
  readonly made: readonly (readonly [action: string, times: number])[];
  readonly rows: readonly SoakRow[];
}

export interface SoakRow {
  readonly kind: string;
  /** Whether a server failed at some time during the difference. */
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
