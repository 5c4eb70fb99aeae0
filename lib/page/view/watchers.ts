import type { WatcherFile } from "../../model/watcher-file.ts";
import type { FleetWatcher, Overview } from "../../overview/contract.ts";
import { fileTones } from "../../overview/tones.ts";
import { element, keyed, type PageElement } from "../contract.ts";
import { counted, section, sentence, state, table } from "./parts.ts";

/** So many watchers are shown at once. */
const most = 25;

/** Do the other watchers agree? Undefined where they are not known. */
export function watchers({ watchers }: Overview): PageElement | undefined {
  if (watchers.length === 0) return undefined;
  const own = new Map(
    watchers.filter(({ isSelf }) => isSelf).flatMap(({ files }) => files.map((f) => [f.target, f])),
  );
  const bodyOf = (some: readonly FleetWatcher[]) =>
    table(
      "watchers",
      "Watchers",
      ["Watcher", "State", "File"],
      some.flatMap((one) => rows(one, own)),
    );
  const further = watchers.slice(most);
  return section(
    "watchers",
    "Watchers of this keyspace",
    keyed("first", bodyOf(watchers.slice(0, most))),
    further.length > 0 &&
      keyed(
        "further",
        element(
          "details",
          {},
          element("summary", {}, counted(further.length, "further watcher")),
          bodyOf(further),
        ),
      ),
  );
}

function rows(
  { id, isSelf, prefixes, files, suspects = {} }: FleetWatcher,
  own: ReadonlyMap<string, WatcherFile>,
): readonly PageElement[] {
  const name = (i: number) =>
    element(
      "th",
      { scope: "row" },
      id,
      isSelf && element("small", {}, "this one"),
      i === 0 && element("small", {}, prefixes.join(", ")),
      ...(i === 0 ? suspectLines(suspects) : []),
    );
  if (files.length === 0) {
    const unknown = element("td", {}, state("quiet", "no files known"));
    return [keyed(id, element("tr", {}, name(0), unknown, element("td", {})))];
  }
  return files.map((file, i) =>
    keyed(
      `${id} ${file.target}`,
      element(
        "tr",
        {},
        name(i),
        element("td", {}, state(fileTones[file.state], file.state)),
        element(
          "td",
          {},
          element("code", {}, file.target),
          element("small", {}, lastOf(file)),
          !isSelf && agreement(file, own.get(file.target)),
          file.refused !== undefined && element("small", {}, sentence(`refuses ${file.refused}`)),
        ),
      ),
    ),
  );
}

/** How many of the instances that its proxies fail to use a watcher shows. */
const mostSuspects = 3;

function suspectLines(suspects: NonNullable<FleetWatcher["suspects"]>): readonly PageElement[] {
  const all = Object.entries(suspects).map(([path, words]) => `its proxies ${words}: ${path}`);
  const more = all.length - mostSuspects;
  const lines = [...all.slice(0, mostSuspects), ...(more > 0 ? [`and ${more} more`] : [])];
  return lines.map((line) => element("small", {}, sentence(line)));
}

/** `generation 17, revision 2040, text 8a2f…` */
function lastOf({ generation, revision, digest }: WatcherFile): string {
  const parts = [`generation ${generation}`];
  if (revision !== undefined) parts.push(`revision ${revision}`);
  if (digest !== undefined) parts.push(`text ${digest}`);
  return parts.join(", ");
}

function agreement({ digest }: WatcherFile, own: WatcherFile | undefined): PageElement | undefined {
  if (digest === undefined || own?.digest === undefined) return undefined;
  return element(
    "small",
    {},
    digest === own.digest ? "the same text as here" : "another text than here",
  );
}
