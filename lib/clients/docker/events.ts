import type { EngineEvent } from "./contract.ts";
import { signalNumber } from "./signals.ts";

/**
 * The events to subscribe to, without the ones that each run of a HEALTHCHECK emits (exec_create …). Engines ignore names that
 * they do not know: `died` and `remove` are Podman's.
 */
export const eventFilters = {
  type: ["container", "network"],
  event: [
    ...["start", "restart", "kill", "stop", "die", "died", "destroy", "remove"],
    ...["pause", "unpause", "health_status", "rename", "connect", "disconnect"],
  ],
};

/** The fields of an event that are used. */
interface RawEvent {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
  readonly time?: number;
  readonly timeNano?: number;
}

/** Parses an event; undefined if it concerns no container. */
export function eventOf(raw: unknown): EngineEvent | undefined {
  const { Type, Action: action = "", Actor = {}, time = 0, timeNano } = raw as RawEvent;
  const { ID, Attributes = {} } = Actor;
  const id = Type === "network" ? Attributes.container : ID;
  if (!id) return undefined;
  const atMs = timeNano === undefined ? time * 1000 : timeNano / 1_000_000;
  const signal = Attributes.signal === undefined ? undefined : signalNumber(Attributes.signal);
  return { id, action, atMs, signal };
}

/** Whether the container has exited. */
export function isEnd({ action }: EngineEvent): boolean {
  return ["die", "died", "destroy", "remove"].includes(action);
}
