import { tableLines } from "../base/table-lines.ts";
import type { FleetWatcher } from "./contract.ts";
import { type Fleet, type FleetFinding, findingKinds } from "./fleet-contract.ts";

/** How many watchers a sentence names of each kind. */
const mostNamed = 3;

const headings = ["WATCHER", "STATE", "FILE", "GEN", "REVISION", "TEXT", "WHY"];

/** The lines of a fleet for people: the verdict first, then each file of each watcher, the worst first. */
export function formatFleet(fleet: Fleet): readonly string[] {
  const { watchers, findings, notes, ignored, unread = [] } = fleet;
  const rank = (watcher: string, target: string | undefined) => {
    const found = findings.findIndex((one) => one.watcher === watcher && one.target === target);
    return found === -1 ? findings.length : found;
  };
  const rows = watchers
    .flatMap((one) => rowsOf(one, findings))
    .map((row) => ({ row, rank: rank(row.watcher, row.target) }))
    .toSorted((a, b) => a.rank - b.rank);
  const [first] = ignored;
  return [
    fleetVerdict(fleet),
    ...(rows.length > 0 ? tableLines([headings, ...rows.map(({ row }) => row.cells)]) : []),
    ...unread.map(({ folder, why }) => `the keyspace at ${folder} is not read: ${why}`),
    ...notes.map((note) => `note: ${note}`),
    ...(first
      ? [
          `${counted(ignored.length, "entry is", "entries are")} ignored: ${first.key}: ${first.why}`,
        ]
      : []),
  ];
}

const phrases: Readonly<Record<FleetFinding["kind"], readonly [one: string, several: string]>> = {
  "proxy down": ["has a proxy that is down", "have proxies that are down"],
  failing: ["fails", "fail"],
  "out of sync": ["is out of sync", "are out of sync"],
  refusing: ["refuses an entry", "refuse entries"],
  disagreeing: ["disagrees", "disagree"],
  lagging: ["lags", "lag"],
  unknown: ["is not verified yet", "are not verified yet"],
  "older version": ["is of an older version", "are of an older version"],
};

/** One sentence: are all watchers in sync, and do they agree? If not, each one that differs with its worst finding. */
function fleetVerdict({ keyspace, watchers, findings }: Fleet): string {
  if (watchers.length === 0) return `no watcher has an entry in ${keyspace}`;
  const count = counted(watchers.length, "watcher", "watchers");
  const named = new Set<string>();
  const clauses = findingKinds.flatMap((kind) => {
    const ids = new Set(findings.filter((one) => one.kind === kind).map((one) => one.watcher));
    const own = [...ids].filter((id) => !named.has(id));
    for (const id of own) named.add(id);
    if (own.length === 0) return [];
    const more = own.length - mostNamed;
    const names = [...own.slice(0, mostNamed), ...(more > 0 ? [`${more} more`] : [])];
    return [
      `${names.join(", ").replace(/, ([^,]*)$/, " and $1")} ${phrases[kind][own.length > 1 ? 1 : 0]}`,
    ];
  });
  if (clauses.length > 0) return `${count}: ${clauses.join("; ")}`;
  if (watchers.length === 1) return `${count}: all its files are in sync`;
  return `${count}: all files are in sync, and no watcher differs from the others`;
}

interface Row {
  readonly watcher: string;
  readonly target: string | undefined;
  readonly cells: readonly string[];
}

function rowsOf(
  { id: watcher, isSelf, files, more = {} }: FleetWatcher,
  findings: readonly FleetFinding[],
): readonly Row[] {
  const why = (target: string | undefined) =>
    findings
      .filter((one) => one.watcher === watcher && one.target === target)
      .map((one) => one.why)
      .join("; ");
  const name = isSelf ? `${watcher} (this one)` : watcher;
  const own = files.map(({ target, state, generation, revision = "-", digest = "-" }) => {
    const cells = [name, state, target, String(generation), revision, digest, why(target)];
    return { watcher, target, cells };
  });
  const counts = Object.entries(more).map(([state, count]) => {
    const cells = [name, state, `${count} more`, "-", "-", "-", ""];
    return { watcher, target: undefined, cells };
  });
  if (own.length + counts.length > 0) return [...own, ...counts];
  const cells = [name, "unknown", "-", "-", "-", "-", why(undefined)];
  return [{ watcher, target: undefined, cells }];
}

function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}
