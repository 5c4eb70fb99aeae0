import { mayStandIn, type Side } from "./keywords.ts";
import type { ServiceLines } from "./settings.ts";

/** The lines of a service, divided between its frontend and its pool. */
export interface Divided {
  readonly frontend: readonly string[];
  readonly pool: readonly string[];
}

/** A line that haproxy takes in none of the sections for which it was written. */
export interface Misplaced {
  /** The setting, and the number of the line in it. */
  readonly path: readonly [setting: "frontend" | "backend" | "listen", line: number];
  readonly line: string;
}

/** The lines of each side, then those of `listen` that may stand there. */
export function divide({ frontend, pool, listen }: ServiceLines): Divided {
  return {
    frontend: allowed("frontend", [...frontend, ...listen]),
    pool: allowed("backend", [...pool, ...listen]),
  };
}

/** The lines of a section that haproxy takes there. */
export function allowed(side: Side, lines: readonly string[]): readonly string[] {
  return lines.filter((line) => mayStandIn(side, line));
}

/** The lines that `divide` leaves out altogether. */
export function misplaced({ frontend, pool, listen }: ServiceLines): readonly Misplaced[] {
  const rejected = (
    setting: Misplaced["path"][0],
    lines: readonly string[],
    parts: readonly Side[],
  ): readonly Misplaced[] =>
    lines.flatMap((line, i) =>
      parts.some((side) => mayStandIn(side, line)) ? [] : [{ path: [setting, i], line }],
    );
  return [
    ...rejected("frontend", frontend, ["frontend"]),
    ...rejected("backend", pool, ["backend"]),
    ...rejected("listen", listen, ["frontend", "backend"]),
  ];
}
