import type { TestContext } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { eventsIn } from "../support/log-events.ts";
import { sidekick } from "./sidekick.ts";

/** Everything that an agent reports of itself, for operators, probes and alerts. Volatile parts are `…`. */
export interface AgentState extends Probes {
  /** The first line of `sidekick status`. */
  readonly status: string;
  /** The exit codes of `sidekick status`: without options, with `--healthy` and with `--ready`. */
  readonly codes: readonly (number | null)[];
}

/** The HTTP statuses of the probes, which cost no program. */
export interface Probes {
  readonly healthz: number;
  readonly readyz: number;
}

/** An agent that can be asked for its state. */
export interface AskedAgent {
  /** The folder of its `sidekick.yaml`. */
  readonly folder: string;
  /** The port of its status address. */
  readonly port: number;
  /** Replaces the parts that differ from one run to the next. */
  steady(text: string): string;
}

/** Asks a running agent in all ways. */
export async function stateOf(
  t: TestContext,
  { folder, port, steady }: AskedAgent,
): Promise<AgentState> {
  const ask = (...options: readonly string[]) =>
    sidekick(t, ["status", "-c", "sidekick.yaml", ...options], { cwd: folder });
  const [all, healthy, ready] = await Promise.all([ask(), ask("--healthy"), ask("--ready")]);
  const [status = ""] = all.output.split("\n");
  return {
    status: steady(status),
    codes: [all.code, healthy.code, ready.code],
    ...(await probesOf(port)),
  };
}

/** Asks the probes at the port of a status address. */
export async function probesOf(port: number): Promise<Probes> {
  const probe = async (path: string) => (await fetchOnce(`http://127.0.0.1:${port}${path}`)).status;
  return { healthz: await probe("/healthz"), readyz: await probe("/readyz") };
}

/** The warnings and errors in a log, the first of each event and code. */
export function warningsIn(log: string, steady: AskedAgent["steady"]): readonly string[] {
  const found = new Map<string, string>();
  for (const { level, event, code, message } of eventsIn(log)) {
    const kind = `${event} ${code ?? ""}`;
    if (level !== "info" && !found.has(kind))
      found.set(kind, `${event}: ${steady(String(message))}`);
  }
  return [...found.values()];
}

/** A function that replaces the paths and ports of a test, times, process ids and revisions. */
export function steadying(paths: Readonly<Record<string, string>>, ports: readonly number[]) {
  const replacements: readonly (readonly [RegExp, string])[] = [
    ...Object.entries(paths).map(
      ([path, name]) => [new RegExp(RegExp.escape(path), "g"), name] as const,
    ),
    ...ports.map((port) => [new RegExp(`\\b${port}\\b`, "g"), "…"] as const),
    [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…"],
    [/\b(for|in|within|after) [\d.]+ ?(ms|s|min|h)\b/g, "$1 …"],
    [/\b(process|revision|sidekick) \d[\d.]*/g, "$1 …"],
    [/\b(127\.0\.0\.1):\d+/g, "$1:…"],
    [/\bretrying in \S+/g, "retrying in …"],
  ];
  return (text: string) => replacements.reduce((all, [from, to]) => all.replaceAll(from, to), text);
}
