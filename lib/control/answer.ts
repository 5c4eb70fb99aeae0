import { Fault } from "../base/fault.ts";
import { printableJson } from "../base/printable.ts";
import type { Answer, Route } from "./contract.ts";
import { faults } from "./faults.ts";

/** The body of a request, as it was sent. */
export type Body = Readonly<Record<string, unknown>>;

/** A route that takes an object and answers with the result of `work`, or with the fault that it throws, as JSON. */
export function postRoute(work: (body: Body, signal: AbortSignal) => Promise<object>): Route {
  return {
    methods: ["POST"],
    answer: async (body, signal) => {
      try {
        return json(200, await work(parseObject(body), signal));
      } catch (error) {
        if (!(error instanceof Fault) || signal.aborted) throw error;
        const { code, retry, message } = error;
        return json(retry ? 503 : 400, { code, retry, message });
      }
    },
  };
}

/** Throws CONTROL_REQUEST_INVALID. */
function parseObject(text: string): Body {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {}
  throw faults.CONTROL_REQUEST_INVALID({ problem: "expected a JSON object" });
}

function json(status: number, value: object): Answer {
  return { status, type: "application/json", body: `${printableJson(value, 2)}\n` };
}

/** A duration of a request in milliseconds. Throws CONTROL_REQUEST_INVALID. */
export function durationOf(body: Body, field: string): number {
  const value = body[field];
  if (typeof value === "number" && value >= 0 && value <= longestMs) return value;
  const problem = `expected ${field} with 0 to ${longestMs} milliseconds`;
  throw faults.CONTROL_REQUEST_INVALID({ problem });
}

/** 20 days: a timer supports little more. */
const longestMs = 20 * 24 * 3_600_000;

/** A whole number of a request. Throws CONTROL_REQUEST_INVALID. */
export function numberOf(body: Body, field: string): number {
  const value = body[field];
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  throw faults.CONTROL_REQUEST_INVALID({ problem: `expected ${field} with a whole number` });
}
