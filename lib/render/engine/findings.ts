import type { Fault } from "../../base/fault.ts";
import type { Site } from "../contract.ts";

/** A mistake in a template that was found without rendering it. */
export interface Finding {
  readonly at: Pick<Site, "template" | "line" | "column">;
  /** Its message begins with the position. */
  readonly fault: Fault;
}

/** The position of a node, counted from 1. */
export function siteOf({ loc }: hbs.AST.Node, template: string, text = ""): Site {
  const { line, column } = loc.start;
  return { template, line, column: column + 1, text };
}
