import { Fault } from "../base/fault.ts";
import { printableJson } from "../base/printable.ts";
import type { Answer, Drain, DrainRequest, Route } from "./contract.ts";
import { faults } from "./faults.ts";

/** The agent whose instances can be drained. */
export interface Drainable {
  /** Undefined where no presence agent runs. */
  readonly drain: Drain | undefined;
  /** The names of its instances now. */
  readonly names: () => readonly string[];
  readonly pid: number;
}

/** `POST /drain`: drains instances and answers with the result, or with the fault as JSON. */
export function drainRoute(agent: Drainable): Route {
  return { methods: ["POST"], answer: (body, signal) => answer(body, agent, signal) };
}

async function answer(
  body: string,
  { drain, names: known, pid }: Drainable,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const { names, ...rest } = parseRequest(body);
    if (!drain) throw faults.CONTROL_NOTHING_TO_DRAIN({ pid });
    const all = known();
    const isKnown = new Set(all);
    const unknown = names.filter((name) => !isKnown.has(name));
    if (unknown.length > 0) throw faults.CONTROL_UNKNOWN_INSTANCE({ names: unknown, known: all });
    return json(200, await drain({ names: names.length > 0 ? names : all, ...rest }, signal));
  } catch (error) {
    if (!(error instanceof Fault) || signal.aborted) throw error;
    const { code, retry, message } = error;
    return json(retry ? 503 : 400, { code, retry, message });
  }
}

/** Throws CONTROL_DRAIN_INVALID. */
function parseRequest(body: string): DrainRequest {
  const { names, forMs, wait = false } = parseObject(body) ?? {};
  const isValid =
    Array.isArray(names) &&
    names.every((name) => typeof name === "string") &&
    typeof forMs === "number" &&
    forMs >= 0 &&
    typeof wait === "boolean";
  if (isValid) return { names, forMs, wait };
  const expected = 'expected JSON such as {"names": ["web/10.0.0.1:80"], "forMs": 10000}';
  throw faults.CONTROL_DRAIN_INVALID({ problem: expected });
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function json(status: number, value: object): Answer {
  return { status, type: "application/json", body: `${printableJson(value, 2)}\n` };
}
