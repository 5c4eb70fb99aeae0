import { toSeconds } from "../base/dates.ts";
import { formatDuration } from "../base/duration.ts";
import { printableLines } from "../base/printable.ts";
import { describeCause, markOf } from "../journal/cause.ts";
import type { Generation } from "../journal/contract.ts";
import type { Reason } from "../status/contract.ts";
import type {
  FleetWatcher,
  Overview,
  OverviewDestination,
  OverviewFile,
  OverviewInstance,
  OverviewService,
} from "./contract.ts";

/** How many serving instances of a service have lines of their own. */
const mostServing = 20;

type Ago = (time: string) => string;

/** An overview as plain text, a section for each question; every line is printable. */
export function formatOverview(overview: Overview): string {
  const { at, version, hostName, pid, keyspace, verdict, omitted } = overview;
  const ago: Ago = (time) => formatDuration(Math.max(0, Date.parse(at) - Date.parse(time)));
  const { state, sentence, since, meanwhile } = verdict;
  const lines = [
    `${state.toUpperCase()}: ${sentence}`,
    ...(since === undefined ? [] : [`since ${toSeconds(since)} (${ago(since)})`]),
    ...(meanwhile === undefined ? [] : [`meanwhile: ${meanwhile}`]),
    `sidekick ${version} on ${hostName}, process ${pid}, ${keyspace}, ${toSeconds(at)}`,
    ...section("why", overview.reasons, (one) => reasonLines(one, ago)),
    ...section("instances", overview.services, (one) => serviceLines(one, ago)),
    ...(omitted && omitted.instances > 0 ? [`  ${omitted.instances} more instances`] : []),
    ...section("destinations", overview.destinations ?? [], (one) => [destinationLine(one, ago)]),
    ...section("files", overview.files, (one) => [fileLine(one, ago)]),
    ...section("changes of the last 15 minutes", overview.changes, (one) => [changeLine(one, ago)]),
    ...(omitted && omitted.changes > 0 ? [`  ${omitted.changes} more changes`] : []),
    ...section("watchers", overview.watchers, watcherLines),
    ...section("commands", overview.commands, (one) => [one]),
  ];
  return printableLines(lines);
}

function section<T>(
  title: string,
  items: readonly T[],
  linesOf: (item: T) => readonly string[],
): readonly string[] {
  if (items.length === 0) return [];
  return ["", title, ...items.flatMap(linesOf).map((line) => `  ${line}`)];
}

function reasonLines({ message, since, meanwhile, advice }: Reason, ago: Ago): readonly string[] {
  const event = since === undefined ? message : `${message} (for ${ago(since)})`;
  return [event, ...[meanwhile, advice].filter(Boolean).map((text) => `  ${text}`)];
}

function serviceLines({ name, counts, instances }: OverviewService, ago: Ago): readonly string[] {
  const numbers = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
  const attention = instances.filter(({ state }) => state !== "serving");
  const serving = instances.filter(({ state }) => state === "serving");
  const more = serving.length - mostServing;
  return [
    `${name}: ${numbers.join(", ")}`,
    ...[...attention, ...serving.slice(0, mostServing)].map((one) => `  ${instanceLine(one, ago)}`),
    ...(more > 0 ? [`  ${more} more serving`] : []),
  ];
}

function instanceLine({ name, address, state, weight, why, since }: OverviewInstance, ago: Ago) {
  const place = address === undefined || name.endsWith(`/${address}`) ? "" : ` ${address}`;
  const heavy = weight === undefined || weight === 1 ? "" : `, weight ${weight}`;
  const long = since === undefined ? "" : ` for ${ago(since)}`;
  return `${state.padEnd(14)} ${name}${place}${heavy}${long}${why && `: ${why}`}`;
}

function destinationLine(
  { name, state, since, settings, why, counts }: OverviewDestination,
  ago: Ago,
): string {
  const known = settings.length > 0 ? ` (${settings.join(", ")})` : "";
  const numbers = Object.entries(counts).map(([one, count]) => `${count} ${one}`);
  const parts = [`${name} for ${ago(since)}${known}`, ...numbers].join(", ");
  return `${state.padEnd(14)} ${parts}${why && `: ${why}`}`;
}

function fileLine({ target, state, since, why, revision, generation }: OverviewFile, ago: Ago) {
  const details = [
    ...(revision === undefined ? [] : [`revision ${revision}`]),
    ...(generation === undefined ? [] : [`generation ${generation}`]),
  ];
  const known = details.length > 0 ? ` (${details.join(", ")})` : "";
  return `${state.padEnd(14)} ${target} for ${ago(since)}${known}${why && `: ${why}`}`;
}

function changeLine({ n, at, group, how, detail, cause, refused }: Generation, ago: Ago): string {
  const words = refused?.message.split("\n")[0];
  const parts = [
    detail ?? how,
    describeCause(cause, markOf),
    ...(words === undefined ? [] : [words]),
  ];
  return `${String(n).padStart(4)}  ${ago(at)} ago  ${group}  ${parts.filter(Boolean).join("  ")}`;
}

function watcherLines({ id, isSelf, files }: FleetWatcher): readonly string[] {
  return [
    `${id}${isSelf ? " (this one)" : ""}${files.length === 0 ? ": state unknown" : ""}`,
    ...files.map(({ target, state, generation, revision, refused }) => {
      const known = revision === undefined ? "" : `, revision ${revision}`;
      const bad = refused === undefined ? "" : `, refuses ${refused}`;
      return `  ${state.padEnd(12)} ${target}, generation ${generation}${known}${bad}`;
    }),
  ];
}
