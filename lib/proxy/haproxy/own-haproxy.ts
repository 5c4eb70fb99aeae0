import { resolve } from "node:path";
import type { OwnProgram } from "../contract.ts";
import { ownProgram } from "../own-program.ts";

/** An haproxy that this process runs itself. */
export interface OwnHaproxy extends OwnProgram {
  /** The path of its master's socket; undefined without one. */
  readonly master: string | undefined;
}

/** Undefined if the program is not haproxy. */
export function ownHaproxy(program: OwnProgram | undefined): OwnHaproxy | undefined {
  const own = ownProgram(program, /^(haproxy|hapee\S*)$/);
  if (!own) return undefined;
  const master = masterIn(own.argv);
  return {
    argv: own.argv,
    master,
    get pid() {
      return own.pid;
    },
  };
}

/** The socket of `-S <path>[,bind options]`, also where the words stand in one argument for a shell. */
function masterIn(argv: readonly string[]): string | undefined {
  const words = argv.flatMap((word) => word.split(/\s+/));
  const i = words.indexOf("-S");
  const [address = ""] = i < 0 ? [] : (words[i + 1] ?? "").split(",");
  const path = address.replace(/^unix@/, "");
  return path === "" || /^[a-z0-9]+@|:\d+$/.test(path) ? undefined : resolve(path);
}
