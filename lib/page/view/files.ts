import type { Overview, OverviewFile } from "../../overview/contract.ts";
import { fileTones } from "../../overview/tones.ts";
import { element, keyed, type PageElement } from "../contract.ts";
import { section, sentence, state, table, time } from "./parts.ts";

/** The files with their proxies; undefined where no watcher runs. */
export function files({ files }: Overview): PageElement | undefined {
  if (files.length === 0) return undefined;
  const columns = ["File", "State and since", "Details"];
  return section(
    "files",
    "Files and their proxies",
    table("files", "Files", columns, files.map(row)),
  );
}

function row(file: OverviewFile): PageElement {
  const { target, since, why, revision, generation } = file;
  const verified = revision === undefined ? "never verified" : `verified with revision ${revision}`;
  const last = generation === undefined ? "" : `, generation ${generation}`;
  return keyed(
    target,
    element(
      "tr",
      {},
      element("th", { scope: "row" }, target),
      element("td", {}, state(fileTones[file.state], file.state), time(since)),
      element("td", {}, sentence(why), element("small", {}, `${verified}${last}`)),
    ),
  );
}
