import { read } from "../support/sources.ts";

/** A row of the table in docs/refusals.md. */
export interface Row {
  readonly what: string;
  readonly kinds: readonly string[];
  /** `v1` is the version before the change, `v2` the version after it; else `nothing`. */
  readonly served: string;
  readonly onDisk: string;
  /** Matches the message in the log and in `sidekick status`. */
  readonly message: RegExp;
}

/** The rows of the table in docs/refusals.md. Throws for an unknown cell. */
export async function rowsOfRefusals(): Promise<readonly Row[]> {
  const page = (await read("docs/refusals.md")).get("docs/refusals.md") ?? "";
  const [, below = ""] = page.split("\n| what goes wrong | with ");
  const [table = ""] = below.split("\n\n");
  return table.split("\n").slice(2).filter(Boolean).map(rowOf);
}

const versions: Readonly<Record<string, string>> = {
  "the previous file": "v1",
  "the new file": "v2",
  nothing: "nothing",
};

function rowOf(line: string): Row {
  const [what = "", kinds = "", served = "", onDisk = "", message = ""] = line
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.trim());
  const versionOf = (cell: string) => {
    const version = versions[cell];
    if (version === undefined) throw new Error(`docs/refusals.md: "${cell}" in: ${line}`);
    return version;
  };
  return {
    what,
    kinds: kinds.split(", "),
    served: versionOf(served),
    onDisk: versionOf(onDisk),
    message: pattern(message),
  };
}

/** In a cell, `…` stands for any text. */
function pattern(cell: string): RegExp {
  const quoted = /^`(.+)`$/.exec(cell)?.[1];
  if (quoted === undefined) throw new Error(`docs/refusals.md: "${cell}" is not quoted`);
  return new RegExp(quoted.split("…").map(RegExp.escape).join(".*"));
}
