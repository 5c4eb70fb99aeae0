import type { Overview, OverviewFile } from "../../overview/contract.ts";
import { element, keyed, type PageElement } from "../contract.ts";
import { section, sentence, state, table, time } from "./parts.ts";
import { fileTones } from "./tones.ts";

/** The files with their proxies; undefined where no watcher runs. */
export function files({ files }: Overview): PageElement | undefined {
  if (files.length === 0) return undefined;
  const columns = ["File", "State", "What differs", "Since"];
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
      file.state === "in sync" ? {} : { class: "other" },
      element("th", { scope: "row" }, target, element("small", {}, `${verified}${last}`)),
      element("td", {}, state(fileTones[file.state], file.state)),
      element("td", { class: "why" }, sentence(why)),
      element("td", {}, time(since)),
    ),
  );
}
