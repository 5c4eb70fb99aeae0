import type { Fault } from "../../base/fault.ts";
import { nearest } from "../../base/nearest.ts";
import type { Site } from "../contract.ts";
import { faults } from "../faults.ts";
import type { Lowered } from "./walk.ts";

/** A mistake in a template that was found without rendering it. */
export interface Finding {
  readonly at: Pick<Site, "template" | "line" | "column">;
  /** Its message begins with the position. */
  readonly fault: Fault;
}

/** The position of a node, counted from 1. */
export function siteOf(node: hbs.AST.Node, template: string, text = ""): Site {
  const { line, column } = ((node as Lowered).calledAt ?? node.loc).start;
  return { template, line, column: column + 1, text };
}

/** Gathers findings, each once: a partial that is included twice has its mistakes once. */
export class Findings {
  readonly all: Finding[] = [];

  /** A call of a helper fails. */
  failing(at: Site, helper: string, problem: string): void {
    const { template, line, column } = at;
    this.#add(at, faults.RENDER_HELPER_FAILED({ template, line, column, helper, problem }));
  }

  /** A name that no value has: the text of the site. */
  unknownValue(at: Site, known: readonly string[]): void {
    const { text: name } = at;
    const guess = nearest(name, known);
    this.#add(at, faults.RENDER_UNKNOWN_NAME({ site: at, what: "value", name, nearest: guess }));
  }

  #add(at: Site, fault: Fault): void {
    if (!this.all.some((one) => one.fault.message === fault.message)) this.all.push({ at, fault });
  }
}
