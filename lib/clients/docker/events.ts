import type { EngineEvent } from "./contract.ts";
import { signalNumber } from "./signals.ts";

/**
 * What is followed. All that a running HEALTHCHECK does (exec_create …) is left out. Engines pass over names that
 * they do not know: `died` and `remove` are Podman's.
 */
export const followed = {
  type: ["container", "network"],
  event: [
    ...["start", "restart", "kill", "stop", "die", "died", "destroy", "remove"],
    ...["pause", "unpause", "health_status", "rename", "connect", "disconnect"],
  ],
};

/** The part that is read of what an engine tells. */
interface Told {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
  readonly time?: number;
  readonly timeNano?: number;
}

/** What has happened to which container; undefined where it concerns none. */
export function eventOf(told: unknown): EngineEvent | undefined {
  const { Type, Action: action = "", Actor = {}, time = 0, timeNano } = told as Told;
  const { ID, Attributes = {} } = Actor;
  const id = Type === "network" ? Attributes.container : ID;
  if (!id) return undefined;
  const atMs = timeNano === undefined ? time * 1000 : timeNano / 1_000_000;
  const signal = Attributes.signal === undefined ? undefined : signalNumber(Attributes.signal);
  return { id, action, atMs, signal };
}

/** Whether the container has ended. */
export function isEnd({ action }: EngineEvent): boolean {
  return ["die", "died", "destroy", "remove"].includes(action);
}
