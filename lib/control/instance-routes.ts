import { isWeight } from "../model/instance.ts";
import { type Body, durationOf, postRoute } from "./answer.ts";
import type { InstanceOperations, InstanceSelection } from "./contract.ts";
import { faults } from "./faults.ts";

/** The agent whose instances are operated. */
export interface OperatedAgent {
  /** Undefined where no presence agent runs. */
  readonly operations: InstanceOperations | undefined;
  /** Its instances now. */
  readonly instances: () => readonly { readonly name: string; readonly draining: boolean }[];
  readonly pid: number;
}

/** `/drain`, `/undrain`, `/weight` and `/served`. */
export function instanceRoutes({ operations, instances, pid }: OperatedAgent) {
  const present = () => {
    if (!operations) throw faults.CONTROL_NO_PRESENCE({ pid });
    return operations;
  };
  const all = () => instances().map(({ name }) => name);
  const draining = () => instances().flatMap(({ name, draining }) => (draining ? [name] : []));
  return {
    "/drain": postRoute((body, signal) => {
      const request = {
        forMs: durationOf(body, "forMs"),
        wait: flagOf(body, "wait"),
      };
      const operations = present();
      return operations.drain({ names: select(body, all(), all()), ...request }, signal);
    }),
    "/undrain": postRoute((body, signal) => {
      const operations = present();
      return operations.undrain(select(body, draining(), all()), signal);
    }),
    "/served": postRoute(async (body, signal) => {
      const [minShare, limitMs] = [shareOf(body), durationOf(body, "limitMs")];
      const operations = present();
      // An agent that has just started knows some of its instances, or none.
      const restMs = isEachKnown(body, all())
        ? limitMs
        : await operations.untilDiscovered(limitMs, signal);
      const names = select(body, all(), all());
      return await operations.untilServed({ names, minShare, limitMs: restMs }, signal);
    }),
    "/weight": postRoute((body, signal) => {
      const { weight } = body;
      if (weight !== undefined && !isWeight(weight)) {
        throw faults.CONTROL_REQUEST_INVALID({ problem: "expected weight with 0 to 256" });
      }
      const operations = present();
      return operations.weigh({ names: select(body, all(), all()), weight }, signal);
    }),
  };
}

/**
 * The selected instances: the named ones, or with `all` the candidates. Throws CONTROL_REQUEST_INVALID,
 * CONTROL_UNKNOWN_INSTANCE, and CONTROL_NONE_SELECTED, which lists the candidates.
 */
function select(
  body: Body,
  candidates: readonly string[],
  known: readonly string[],
): readonly string[] {
  const { names, all } = parseSelection(body);
  if (names.length > 0 && all) {
    throw faults.CONTROL_REQUEST_INVALID({
      problem: "expected names of instances or all, not both",
    });
  }
  if (all) return candidates;
  if (names.length === 0) throw faults.CONTROL_NONE_SELECTED({ candidates });
  const isKnown = new Set(known);
  const unknown = names.filter((name) => !isKnown.has(name));
  if (unknown.length > 0) throw faults.CONTROL_UNKNOWN_INSTANCE({ names: unknown, known });
  return names;
}

/** Whether instances are selected by names alone, and there is one of each. Throws CONTROL_REQUEST_INVALID. */
function isEachKnown(body: Body, known: readonly string[]): boolean {
  const { names, all } = parseSelection(body);
  return !all && names.every((name) => known.includes(name));
}

/** Throws CONTROL_REQUEST_INVALID. */
function parseSelection(body: Body): InstanceSelection {
  const { names = [] } = body;
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
    const problem = 'expected names such as ["web/10.0.0.1:80"]';
    throw faults.CONTROL_REQUEST_INVALID({ problem });
  }
  return { names: [...new Set<string>(names)], all: flagOf(body, "all") };
}

/** Throws CONTROL_REQUEST_INVALID. */
function shareOf({ minShare = 1 }: Body): number {
  if (typeof minShare === "number" && minShare > 0 && minShare <= 1) return minShare;
  throw faults.CONTROL_REQUEST_INVALID({ problem: "expected minShare above 0, and up to 1" });
}

/** Throws CONTROL_REQUEST_INVALID. */
function flagOf(body: Body, field: string): boolean {
  const { [field]: value = false } = body;
  if (typeof value === "boolean") return value;
  throw faults.CONTROL_REQUEST_INVALID({ problem: `expected true or false for ${field}` });
}
