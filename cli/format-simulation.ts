import type {
  SimulatedCheck,
  SimulatedGroup,
  SimulatedProxy,
  SimulatedRetention,
  Simulation,
} from "../agents/watch/simulate/simulation.ts";
import { formatDuration } from "../lib/base/duration.ts";
import { differenceBetween } from "../lib/journal/text-difference.ts";

/** A simulation as it is printed: with differences in place of texts, and without secrets. */
export interface SimulationReport extends Omit<Simulation, "groups"> {
  readonly groups: readonly GroupReport[];
}

interface GroupReport extends Omit<SimulatedGroup, "files" | "hide"> {
  /** A unified diff is empty if the texts are equal. */
  readonly files: readonly { readonly target: string; readonly diff: string }[];
}

export function reportOf(simulation: Simulation): SimulationReport {
  const groups = simulation.groups.map(({ files, hide, ...group }) => ({
    ...group,
    // Before anything is hidden, or a secret that changes would be no difference.
    files: files.map(({ target, before, after }) => ({
      target,
      diff: hide(differenceBetween(target, [before, after], ["now", "simulated"])),
    })),
  }));
  return { ...simulation, groups };
}

const verdicts: Readonly<Record<Simulation["verdict"], string>> = {
  accepted: "would be accepted",
  "accepted in part": "would be accepted, and something is retained or quarantined",
  refused: "would be refused",
};

/** The lines of a simulation for people: the verdict first; without the differences. */
export function formatSimulation({
  revision,
  verdict,
  changes,
  groups,
  retained,
  quarantined,
}: SimulationReport): readonly string[] {
  const old = quarantined.filter(({ isNew }) => !isNew).length;
  return [
    `this ${verdicts[verdict]}; nothing was changed`,
    `from        revision ${revision}`,
    ...changes.map(formatChange),
    ...groups.flatMap(formatGroup),
    ...retained.map(formatRetention),
    ...quarantined.flatMap(({ key, why, isNew }) => (isNew ? [`quarantined ${key}: ${why}`] : [])),
    ...(old > 0 ? [`quarantined ${old} more, as before`] : []),
  ];
}

function formatChange({ key, op, wasThere, isReadable }: Simulation["changes"][number]): string {
  const [heading, what] =
    op === "gone" ? ["without    ", ""] : ["with       ", wasThere ? " (another value)" : " (new)"];
  return `${heading} ${key}${what}${isReadable ? "" : ", which no template reads"}`;
}

function formatGroup({ title, files, proxy, check }: GroupReport): readonly string[] {
  if (files.length === 0) return [`file        ${title} cannot be rendered: ${check.why}`];
  return [
    ...files.map(({ target, diff }) => `file        ${target} ${diff ? "changes" : "is the same"}`),
    ...(proxy ? [`proxy       ${proxy.title}: ${formatProxyChange(proxy.change)}`] : []),
    ...(check.result === "not run" && files.every(({ diff }) => diff === "")
      ? []
      : [`check       ${formatCheck(check)}`]),
  ];
}

/** More servers are counted. */
const mostServers = 5;

function formatProxyChange(change: SimulatedProxy["change"]): string {
  if (change.how === "unchanged") return "unchanged";
  if (change.how === "ran") return "its command runs";
  if (change.how === "reloaded") {
    return `reloaded, because ${change.why ?? "every change of its files takes a reload"}`;
  }
  const { servers, unasked } = change;
  const more = servers.length - mostServers;
  const shown = [...servers.slice(0, mostServers), ...(more > 0 ? [`${more} more`] : [])].join(
    ", ",
  );
  const doubt = unasked === undefined ? "" : `, by the files alone: ${unasked}`;
  return `adjusted at run time (${shown || "no server changes"})${doubt}`;
}

function formatCheck({ result, why, wasRefused }: SimulatedCheck): string {
  const before = wasRefused ? ", and refused already" : "";
  return `${result}${before}${why && `: ${why}`}`;
}

function formatRetention({ service, retained, live, forMs }: SimulatedRetention): string {
  const until = forMs === undefined ? "until it has others" : `for ${formatDuration(forMs)}`;
  return `guard       ${service} keeps ${retained} lost ${retained === 1 ? "instance" : "instances"} ${until}, and has ${live} left`;
}
