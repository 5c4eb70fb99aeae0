import type {
  InstanceState,
  Overview,
  OverviewInstance,
  OverviewService,
} from "../../overview/contract.ts";
import { element, keyed, type PageElement } from "../contract.ts";
import { bar } from "./bar.ts";
import { counted, grouped, section, state, table, time } from "./parts.ts";
import { instanceTones } from "./tones.ts";

/** So many serving instances are shown at once; more of them are behind a summary, and so are further others. */
const mostServing = 12;
const mostOthers = 200;

/** The instances that take traffic, and the others with the reason. */
export function services({ services, omitted }: Overview): PageElement {
  const missing = omitted?.instances ?? 0;
  return section(
    "services",
    "Instances",
    services.length === 0 && element("p", { class: "none" }, "No instance is known."),
    services.map(service),
    missing > 0 &&
      element("p", { class: "none" }, `${counted(missing, "further instance")} not shown here.`),
  );
}

function service({ name, counts, instances }: OverviewService): PageElement {
  const serving = instances.filter((one) => one.state === "serving");
  const others = instances.filter((one) => one.state !== "serving");
  const isLong = serving.length > mostServing;
  const shown = [...others.slice(0, mostOthers), ...(isLong ? [] : serving)];
  return keyed(
    name,
    element(
      "article",
      {},
      element("h3", {}, name),
      element("p", { class: "counts" }, states(counts)),
      bar(counts),
      shown.length > 0 && keyed("shown", instanceTable(name, shown)),
      more("others", name, others.slice(mostOthers), "further with reasons"),
      more("serving", name, isLong ? serving : [], "serving"),
    ),
  );
}

function states(counts: OverviewService["counts"]): readonly PageElement[] {
  return names.flatMap((one) => {
    const count = counts[one] ?? 0;
    return count === 0 ? [] : [keyed(one, state(instanceTones[one], `${grouped(count)} ${one}`))];
  });
}

const names = Object.keys(instanceTones) as readonly InstanceState[];

function more(
  key: string,
  service: string,
  instances: readonly OverviewInstance[],
  what: string,
): PageElement | undefined {
  if (instances.length === 0) return undefined;
  const summary = element("summary", {}, `${grouped(instances.length)} ${what}`);
  return keyed(key, element("details", {}, summary, instanceTable(service, instances)));
}

function instanceTable(service: string, instances: readonly OverviewInstance[]): PageElement {
  const columns = ["Instance", "State", "Why", "Since"];
  const rows = instances.map((instance) => row(service, instance));
  return table("instances", `Instances of ${service}`, columns, rows);
}

function row(service: string, instance: OverviewInstance): PageElement {
  const { name, address, weight, why, since, key, revision } = instance;
  const id = name.startsWith(`${service}/`) ? name.slice(service.length + 1) : name;
  const entry = key === undefined ? "" : revision === undefined ? key : `${key}@${revision}`;
  const isServing = instance.state === "serving";
  const notes = [
    address !== undefined && address !== id ? address : "",
    weight !== undefined && (weight !== 1 || !isServing) ? `weight ${weight}` : "",
    isServing ? "" : entry,
  ].filter((note) => note !== "");
  return keyed(
    name,
    element(
      "tr",
      isServing ? {} : { class: "other" },
      element(
        "th",
        { scope: "row", ...(isServing && entry !== "" && { title: entry }) },
        id,
        notes.map((note) => element("small", {}, note)),
      ),
      element("td", {}, state(instanceTones[instance.state], instance.state)),
      element("td", { class: "why" }, why),
      element("td", {}, since !== undefined && time(since)),
    ),
  );
}
