import { isWeight } from "../model/instance.ts";
import { isInstanceId, isServiceName } from "../model/names.ts";
import type { InstanceDrain, InstanceWeight, Requested } from "./contract.ts";

/** One moment: milliseconds on the agent's clock, and by the clock on the wall, since 1970. */
export interface Moment {
  readonly nowMs: number;
  readonly wallMs: number;
}

/** The version of the format. */
const version = 1;

/** Dates are within years of four digits: others have another form. */
const latestMs = Date.UTC(9999, 0);

/** The requested drains and weights as JSON. Times are dates: the clock of an agent ends with its process. */
export function encodeRequested({ draining, weights }: Requested, moment: Moment): string {
  const date = (ms: number) => new Date(moment.wallMs + ms - moment.nowMs).toISOString();
  const content = {
    version,
    drains: Array.from(draining, ([name, { run, sinceMs, untilMs }]) => {
      return { name, run, since: date(sinceMs), until: date(untilMs) };
    }),
    weights: Array.from(weights, ([name, { run, weight, sinceMs }]) => {
      return { name, run, weight, since: date(sinceMs) };
    }),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** The opposite of `encodeRequested`. Throws a SyntaxError where anything is not as it was written. */
export function decodeRequested(text: string, moment: Moment): Requested {
  const content = objectOf(JSON.parse(text), "the file");
  if (content.version !== version) {
    throw new SyntaxError("it was written by another version of sidekick");
  }
  const ms = (value: unknown) => moment.nowMs + dateOf(value) - moment.wallMs;
  const drains = itemsOf(content.drains).map((item) => {
    const times = { sinceMs: ms(item.since), untilMs: ms(item.until) };
    const drain: InstanceDrain = { reason: "request", ...runOf(item.run), ...times };
    return [nameOf(item.name), drain] as const;
  });
  const weights = itemsOf(content.weights).map((item) => {
    const weight: InstanceWeight = {
      weight: weightOf(item.weight),
      ...runOf(item.run),
      sinceMs: ms(item.since),
    };
    return [nameOf(item.name), weight] as const;
  });
  return { draining: new Map(drains), weights: new Map(weights) };
}

type Item = Readonly<Record<string, unknown>>;

function objectOf(value: unknown, what: string): Item {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new SyntaxError(`${what} has no object`);
}

function itemsOf(value: unknown): readonly Item[] {
  if (!Array.isArray(value)) throw new SyntaxError("a list is missing");
  return value.map((item) => objectOf(item, "a list"));
}

function nameOf(value: unknown): string {
  if (typeof value === "string") {
    const [service = "", ...id] = value.split("/");
    if (isServiceName(service) && isInstanceId(id.join("/"))) return value;
  }
  throw new SyntaxError("a name is invalid");
}

function runOf(value: unknown): { readonly run?: string } {
  if (value === undefined) return {};
  if (typeof value === "string") return { run: value };
  throw new SyntaxError("a run is no string");
}

function weightOf(value: unknown): number {
  if (isWeight(value)) return value;
  throw new SyntaxError("a weight is no number from 0 to 256");
}

function dateOf(value: unknown): number {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (ms >= 0 && ms < latestMs) return ms;
  throw new SyntaxError("a date is invalid");
}
