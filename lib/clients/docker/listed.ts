import type { Container, Health } from "./contract.ts";

/** A container in the list of running ones. */
export interface ListedContainer {
  readonly id: string;
  readonly isPaused: boolean;
  /** Undefined if the list does not show it, as of paused containers. */
  readonly health: Health["status"] | undefined;
}

/** The fields of a container in a response of `/containers/json` that are used. */
export interface RawListed {
  readonly Id: string;
  readonly State?: string;
  /** A sentence: `Up 3 seconds (health: starting)`. */
  readonly Status?: string;
}

/** Converts a container of the response of `/containers/json`. */
export function listedOf({ Id, State = "", Status = "" }: RawListed): ListedContainer {
  const [, health] = /\((?:health: )?(starting|healthy|unhealthy)\)/.exec(Status) ?? [];
  return {
    id: Id,
    isPaused: State.toLowerCase() === "paused",
    health: health as Health["status"] | undefined,
  };
}

/** Whether a container is as listed, as far as the list shows it. */
export function isAsListed(container: Container | undefined, listed: ListedContainer): boolean {
  if (container === undefined) return false;
  const { state, health } = container;
  const isSameHealth = listed.health === undefined || listed.health === health.status;
  return (state === "paused") === listed.isPaused && isSameHealth;
}
