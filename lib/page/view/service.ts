import type { OverviewInstance, OverviewService } from "../../overview/contract.ts";
import { instanceTones } from "../../overview/tones.ts";
import { element, keyed, type PageElement } from "../contract.ts";
import { bar } from "./bar.ts";
import { grouped, sentence, state, states, table, time } from "./parts.ts";

/** So many serving instances are shown at once; more of them are behind a summary, and so are further others. */
const mostServing = 12;
const mostOthers = 200;

/** A service: the instances that do not serve as a table, the others as a list of their names. A folded one is a line. */
export function service(
  { name, counts, instances }: OverviewService,
  isFolded: boolean,
): PageElement {
  const serving = instances.filter((one) => one.state === "serving");
  const others = instances.filter((one) => one.state !== "serving");
  const head = [element("h3", {}, name), element("p", { class: "counts" }, states(counts))];
  if (isFolded) {
    const summary = element("summary", {}, head);
    return keyed(name, element("details", { class: "service" }, summary, names(name, serving)));
  }
  const [shown, further] = [others.slice(0, mostOthers), others.slice(mostOthers)];
  const isLong = serving.length > mostServing;
  return keyed(
    name,
    element(
      "article",
      { class: "service" },
      element("div", { class: "head" }, head),
      others.length > 0 && bar(counts),
      shown.length > 0 && keyed("shown", instanceTable(name, shown)),
      further.length > 0 &&
        more("others", `${grouped(further.length)} further`, instanceTable(name, further)),
      isLong && more("serving", `${grouped(serving.length)} serving`, names(name, serving)),
      !isLong && serving.length > 0 && keyed("names", names(name, serving)),
    ),
  );
}

function more(key: string, summary: string, content: PageElement): PageElement {
  return keyed(key, element("details", {}, element("summary", {}, summary), content));
}

/** Serving instances, one small element for each: there may be thousands. */
function names(service: string, serving: readonly OverviewInstance[]): PageElement {
  const items = serving.map((one) => {
    const entry = entryOf(one);
    const notes = notesOf(service, one).map((note) => element("small", {}, note));
    const title = entry === "" ? {} : { title: entry };
    return keyed(one.name, element("li", title, idOf(service, one), notes));
  });
  return element(
    "ul",
    { class: "names good", "aria-label": `Serving instances of ${service}` },
    items,
  );
}

function instanceTable(service: string, instances: readonly OverviewInstance[]): PageElement {
  const columns = ["Instance", "State and since", "Why"];
  const rows = instances.map((instance) => row(service, instance));
  return table("instances", `Instances of ${service}`, columns, rows);
}

function row(service: string, instance: OverviewInstance): PageElement {
  const { name, why, since } = instance;
  const notes = [...notesOf(service, instance), entryOf(instance)].filter((note) => note !== "");
  return keyed(
    name,
    element(
      "tr",
      {},
      element(
        "th",
        { scope: "row" },
        idOf(service, instance),
        notes.map((note) => element("small", {}, note)),
      ),
      element(
        "td",
        {},
        state(instanceTones[instance.state], instance.state),
        since !== undefined && time(since),
      ),
      element("td", {}, sentence(why)),
    ),
  );
}

/** Its name within the service. */
function idOf(service: string, { name }: OverviewInstance): string {
  return name.startsWith(`${service}/`) ? name.slice(service.length + 1) : name;
}

/** What its name does not tell: its address, and a weight that is not the usual one. */
function notesOf(service: string, instance: OverviewInstance): readonly string[] {
  const { address, weight } = instance;
  return [
    ...(address !== undefined && address !== idOf(service, instance) ? [address] : []),
    ...(weight !== undefined && weight !== 1 ? [`weight ${weight}`] : []),
  ];
}

function entryOf({ key, revision }: OverviewInstance): string {
  if (key === undefined) return "";
  return revision === undefined ? key : `${key}@${revision}`;
}
