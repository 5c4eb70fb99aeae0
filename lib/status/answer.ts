import type { IncomingMessage } from "node:http";
import { Fault } from "../base/fault.ts";
import { isHealthy, isReady, notReadyReasons, stalledLoops } from "./conditions.ts";
import type { Drain, DrainRequest, StatusReport } from "./contract.ts";
import { faults } from "./faults.ts";

/** What is behind an address. */
export interface Page {
  /** What is so now. */
  readonly report: () => StatusReport;
  /** What may be asked for here besides looking; undefined where an address is read-only. */
  readonly commands: { readonly drain: Drain | undefined } | undefined;
}

export interface Answer {
  readonly status: number;
  readonly type: "text/plain; charset=utf-8" | "application/json";
  readonly body: string;
}

/** Answers one request; what cannot be done is an answer too. Rejects when `signal` aborts. */
export async function answer(
  request: IncomingMessage,
  page: Page,
  signal: AbortSignal,
): Promise<Answer> {
  const [path = ""] = (request.url ?? "").split("?");
  const isLook = request.method === "GET" || request.method === "HEAD";
  if (path === "/drain" && page.commands) {
    return request.method === "POST" ? await drained(request, page, signal) : text(405, "POST it");
  }
  const look = looks[path];
  if (!look) return text(404, `there is nothing here but ${Object.keys(looks).join(", ")}`);
  return isLook ? look(page.report()) : text(405, "it can only be looked at");
}

const looks: Readonly<Record<string, (report: StatusReport) => Answer>> = {
  "/healthz": (report) => isSo(isHealthy(report), "healthy", stalledLoops(report)),
  "/readyz": (report) => isSo(isReady(report), "ready", notReadyReasons(report)),
  "/status": (report) =>
    json(200, { healthy: isHealthy(report), ready: isReady(report), ...report }),
};

function isSo(so: boolean, words: string, because: readonly string[]): Answer {
  return so ? text(200, words) : text(503, because.join("\n"));
}

async function drained(
  request: IncomingMessage,
  { report, commands }: Page,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const { names, ...how } = drainRequest(await bodyOf(request));
    const { presence, pid } = report();
    if (!presence || !commands?.drain) throw faults.CONTROL_NOTHING_TO_DRAIN({ pid });
    const known = presence.instances.map(({ name }) => name);
    const isKnown = new Set(known);
    const strange = names.filter((name) => !isKnown.has(name));
    if (strange.length > 0) throw faults.CONTROL_UNKNOWN_INSTANCE({ names: strange, known });
    const all = names.length > 0 ? names : known;
    return json(200, await commands.drain({ names: all, ...how }, signal));
  } catch (error) {
    if (!(error instanceof Fault) || signal.aborted) throw error;
    const { code, retry, message } = error;
    return json(retry ? 503 : 400, { code, retry, message });
  }
}

/** How long the body of a request may be, in bytes. */
const mostBytes = 1024 * 1024;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > mostBytes)
      throw faults.CONTROL_DRAIN_INVALID({ problem: "the request is too long" });
  }
  return Buffer.concat(chunks).toString();
}

/** Reads what is asked for. Throws CONTROL_DRAIN_INVALID. */
function drainRequest(body: string): DrainRequest {
  const expected = 'expected JSON such as {"names": ["web/10.0.0.1:80"], "forMs": 10000}';
  const given = parsed(body);
  const { names, forMs, wait = false } = given ?? {};
  const isRequest =
    Array.isArray(names) &&
    names.every((name) => typeof name === "string") &&
    typeof forMs === "number" &&
    forMs >= 0 &&
    typeof wait === "boolean";
  if (!isRequest) throw faults.CONTROL_DRAIN_INVALID({ problem: expected });
  return { names, forMs, wait };
}

function parsed(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function text(status: number, words: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${words}\n` };
}

function json(status: number, value: object): Answer {
  return { status, type: "application/json", body: `${JSON.stringify(value, undefined, 2)}\n` };
}
