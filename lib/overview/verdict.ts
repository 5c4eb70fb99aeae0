import { counted } from "../base/counted.ts";
import type { Reason, ReasonKind, StatusReport } from "../status/contract.ts";
import { countOf } from "../status/reasons.ts";
import type { FleetWatcher, OverviewService, OverviewVerdict } from "./contract.ts";

/** An agent that has just started has these reasons until it has done everything once. */
const beginnings: ReadonlySet<ReasonKind> = new Set([
  "not served yet",
  ...(["not in sync yet", "discovering", "not checked yet", "not registered"] as const),
]);

/** One sentence: is what is served what should be? If not, the worst reason. */
export function overviewVerdict(
  report: StatusReport,
  services: readonly OverviewService[],
): OverviewVerdict {
  const state = stateOf(report);
  const [worst, ...others] = reasonsOf(report);
  if (!worst) return { state, sentence: settled(report, services) };
  const more = countOf(others) + (report.omitted?.reasons ?? 0);
  const { message, since, meanwhile } = worst;
  return {
    state,
    sentence: `${message}${more > 0 ? `; and ${more} more` : ""}`,
    ...(since !== undefined && { since }),
    ...(meanwhile !== "" && { meanwhile }),
  };
}

/** The reasons, the worst first, but an unreachable store before what an agent that starts lacks without it. */
export function reasonsOf({ reasons }: Pick<StatusReport, "reasons">): readonly Reason[] {
  const [first] = reasons;
  if (!first || !beginnings.has(first.kind)) return reasons;
  const isCause = ({ kind }: Reason) =>
    kind === "keyspace unreachable" || kind === "destination failing";
  return [...reasons.filter(isCause), ...reasons.filter((one) => !isCause(one))];
}

function stateOf({ healthy, phase, degraded, keyspace, reasons }: StatusReport) {
  if (!healthy) return "unhealthy";
  if (phase === "shutting down") return "shutting down";
  if (degraded) return reasons.every(({ kind }) => beginnings.has(kind)) ? "starting" : "degraded";
  return keyspace.reachable === undefined ? "starting" : "in sync";
}

function settled(
  { keyspace, presence, watch, omitted }: StatusReport,
  services: readonly OverviewService[],
): string {
  if (keyspace.reachable === undefined) return "the keyspace has not been reached yet";
  const files = (watch?.templates.length ?? 0) + (omitted?.templates ?? 0);
  const all = (presence?.instances.length ?? 0) + (omitted?.instances ?? 0);
  const registered =
    (presence?.instances.filter((one) => one.registered).length ?? 0) + (omitted?.registered ?? 0);
  const serving = services.reduce((sum, { counts }) => sum + (counts.serving ?? 0), 0);
  const counts = [
    ...(watch
      ? [`${counted(files, "file")} in sync`, `${counted(serving, "instance")} serving`]
      : []),
    ...(presence ? [`${registered} of ${counted(all, "instance")} registered`] : []),
  ];
  const what = watch ? "all files match the keyspace" : "all healthy instances are registered";
  return `${what}: ${counts.join(", ")}`;
}

/** What to type about the reasons of a report, the most useful first. */
export function commandsFor(
  { reasons, configuration }: Pick<StatusReport, "reasons" | "configuration">,
  services: readonly OverviewService[],
  watchers: readonly FleetWatcher[],
  latest: number | undefined,
): readonly string[] {
  const kinds = new Set(reasons.map(({ kind }) => kind));
  const ofFiles: readonly ReasonKind[] = ["file failing", "out of sync", "proxy down"];
  const isFile = ofFiles.some((kind) => kinds.has(kind));
  const attention = services
    .flatMap(({ instances }) => instances.slice(0, 1))
    .find(({ state }) => state !== "serving");
  const name = attention && argument(attention.name);
  const files = configuration.map(argument).filter((file) => file !== undefined);
  const isNamed = files.length > 0 && files.length === configuration.length;
  return [
    "sidekick status",
    ...(isFile ? ["sidekick retry"] : []),
    ...(name !== undefined ? [`sidekick explain ${name}`] : []),
    ...(watchers.length > 1 && isNamed ? [`sidekick fleet -c ${files.join(" ")}`] : []),
    ...(latest !== undefined ? ["sidekick history", `sidekick diff ${latest}`] : []),
  ];
}

/** As an argument of a shell; undefined for a text that would be an option, or that no terminal shows as it is. */
function argument(text: string): string | undefined {
  if (text.startsWith("-") || /[^\x20-\x7e]/.test(text)) return undefined;
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
