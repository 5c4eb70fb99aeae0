import { formatDuration } from "../base/duration.ts";
import { restOf } from "../status/describe.ts";
import { formatInstance, formatPlace, formatTemplate } from "../status/format.ts";
import type {
  ExplainedEntry,
  ExplainedFile,
  ExplainedProxy,
  ExplainedView,
  ExplainedWatcher,
  Explanation,
  LineExplanation,
} from "./explanation.ts";

/** The lines of an explanation for people: the verdict first, then the chain from the entry to the watchers. */
export function formatExplanation(explanation: Explanation): readonly string[] {
  const { name, at, verdict, why, entry, presence, views, files, watchers } = explanation;
  const { unread, similar } = explanation;
  const ago = (time: string) => formatDuration(Date.parse(at) - Date.parse(time));
  const read = files.filter(({ use }) => use !== "not read");
  const unused = files.length - read.length;
  const state = verdict === "unknown" ? "is not known" : verdict.replace(/^u/, "is u");
  return [
    `${name} ${state}: ${why}`,
    ...(similar.length > 0
      ? [`similar     ${similar.join(", ")}: did you mean one of these?`]
      : []),
    `entry       ${formatEntry(entry)}`,
    ...(unread === undefined ? [] : [`keyspace    ${unread}`]),
    ...(presence ? [`presence    ${formatInstance(presence, at, ago)}`] : []),
    ...(presence?.destinations ?? []).map((one) => `destination ${formatPlace(one, ago)}`),
    ...views.map((one) => `view        ${formatView(one, at)}`),
    ...read.flatMap((one) => formatFile(one, ago)),
    ...(unused > 0
      ? [`files       ${unused} more ${unused === 1 ? "reads" : "read"} nothing of it`]
      : []),
    ...watchers.map((one) => `watcher     ${formatWatcher(one)}`),
  ];
}

/** The lines of the explanation of a line. */
export function formatLine({
  target,
  number,
  text,
  keys,
  isComplete,
  notes,
  status,
}: LineExplanation): readonly string[] {
  const all = keys.map(
    ({ key, revision, isRequired }) =>
      `key         ${key}@${revision}${isRequired ? ", without which the file cannot be rendered" : ""}`,
  );
  const none = isComplete
    ? "depends on no key: it is that of the template"
    : "no single key was found";
  return [
    `${target}:${number}: ${text.trim()}`,
    ...(all.length > 0 ? all : [`key         ${none}`]),
    ...(isComplete || all.length === 0
      ? []
      : ["key         there may be more: not all keys were tried"]),
    ...notes.map((note) => `note        ${note}`),
    `file        ${target} ${status.state}`,
  ];
}

function formatEntry({ key, isThere, revision, owner, since, others }: ExplainedEntry): string {
  const parts = isThere
    ? [
        `${key}@${revision}`,
        owner === undefined ? "no session keeps it" : `session ${owner} keeps it`,
        ...(since === undefined ? [] : [`in a file since ${since}`]),
      ]
    : [`the keyspace has no entry ${key}`];
  return [...parts, ...others.map((one) => `also ${one}`)].join(", ");
}

function formatView({ service, state, weight, why, until }: ExplainedView, at: string): string {
  const place = service === undefined ? "" : ` in ${service}`;
  const rest = until && ` for ${restOf(until, at)} more`;
  const part = weight === undefined ? "" : `, weight ${weight}`;
  return `${state}${place}${part}${why && `: ${why}`}${rest ?? ""}`;
}

const uses: Readonly<Record<ExplainedFile["use"], string>> = {
  serving: "has it",
  draining: "has it, draining",
  quarantined: "is made without it",
  waiting: "lacks it",
  absent: "lacks it",
  "not read": "does not read it",
  used: "is made with it",
  unknown: "is not known",
};

function formatFile(file: ExplainedFile, ago: (time: string) => string): readonly string[] {
  const { status, use, weight, fullWeight, why, since, lines, notes, proxy } = file;
  const full = fullWeight === undefined ? "" : ` of ${fullWeight}`;
  const part = weight === undefined ? "" : ` with weight ${weight}${full}`;
  const time = since === undefined ? "" : ` (for ${ago(since)})`;
  const inexact = lines.isExact || lines.shown.length === 0 ? [] : ["the lines with its address"];
  return [
    `file        ${formatTemplate(status, ago)}`,
    `            ${uses[use]}${part}${why && `: ${why}`}${time}`,
    ...lines.shown.map(({ number, text }) => `      ${String(number).padStart(5)} ${text.trim()}`),
    ...(lines.more > 0 ? [`            and ${lines.more} more lines`] : []),
    ...[...inexact, ...notes].map((note) => `            ${note}`),
    ...(proxy ? [`proxy       ${formatProxy(proxy)}`] : []),
  ];
}

function formatProxy({ title, isVerified, generation }: ExplainedProxy): string {
  const last = generation && `, generation ${generation.n} at ${generation.at}: ${generation.how}`;
  const known = isVerified ? "" : ", a command of which the effect is not verified";
  return `${title}${known}${last ?? ""}`;
}

function formatWatcher({
  id,
  isSelf,
  reads,
  acknowledged,
  serving,
  files = [],
}: ExplainedWatcher): string {
  const odd = files.filter(({ state }) => state !== "in sync");
  const parts = [
    `${id}${isSelf ? " (this one)" : ""} ${reads ? "reads its folder" : "does not read its folder"}`,
    ...(acknowledged === undefined
      ? []
      : [acknowledged ? "has acknowledged the drain" : "has not acknowledged the drain"]),
    ...(serving === undefined ? [] : [serving ? "serves it" : "does not serve it yet"]),
    ...odd.map(({ target, state }) => `${target} ${state}`),
  ];
  return parts.join(", ");
}
