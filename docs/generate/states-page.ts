import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What an agent reports during a fault: one row for each fault and proxy. Volatile parts are `…`. */
export interface StateRow {
  readonly fault: string;
  readonly proxy: string;
  /** The first line of `sidekick status`. */
  readonly status: string;
  /** The exit codes of `sidekick status`: without options, with `--healthy` and with `--ready`. */
  readonly codes: readonly (number | null)[];
  /** The HTTP statuses. */
  readonly healthz: number;
  readonly readyz: number;
  /** Warnings and errors: event and message. */
  readonly log: readonly string[];
}

/** The file of the states that a test compares with real programs, below the project's folder. */
export const statesFile = "docs/measured/states.json";

export async function readStates(root: string): Promise<readonly StateRow[]> {
  return JSON.parse(await readFile(join(root, statesFile), "utf8"));
}

/** A section for each fault: proxies with the same effect share one. */
export function statesTable(rows: readonly StateRow[]): string {
  const head = [
    "what goes wrong",
    "with",
    "`sidekick status`",
    "exit codes",
    "`/healthz`, `/readyz`",
    "log",
  ];
  return [
    `| ${head.join(" | ")} |`,
    `|${" --- |".repeat(head.length)}`,
    ...rows.map(
      ({ fault, proxy, status, codes, healthz, readyz, log }) =>
        `| ${[fault, proxy, quoted(status), codes.join(", "), `${healthz}, ${readyz}`, log.map(quoted).join("<br>")].join(" | ")} |`,
    ),
  ].join("\n");
}

function quoted(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}
