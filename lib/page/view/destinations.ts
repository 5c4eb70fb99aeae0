import type { Overview, OverviewDestination } from "../../overview/contract.ts";
import { element, keyed, type PageElement } from "../contract.ts";
import { section, sentence, state, table } from "./parts.ts";
import { destinationTones } from "./tones.ts";

/** Where else are the instances registered? Undefined where that is nowhere. */
export function destinations({ destinations = [] }: Overview): PageElement | undefined {
  if (destinations.length === 0) return undefined;
  return section(
    "destinations",
    "Destinations beside the keyspace",
    table(
      "destinations",
      "Destinations",
      ["Destination", "State", "Instances"],
      destinations.map(row),
    ),
  );
}

function row({ name, state: is, settings, why, counts }: OverviewDestination): PageElement {
  const numbers = Object.entries(counts).map(([one, count]) => `${count} ${one}`);
  return keyed(
    name,
    element(
      "tr",
      is === "ok" ? {} : { class: "other" },
      element(
        "th",
        { scope: "row" },
        name,
        settings.length > 0 && element("small", {}, settings.join(", ")),
      ),
      element("td", {}, state(destinationTones[is], is)),
      element(
        "td",
        {},
        numbers.join(", "),
        why !== "" && element("small", { class: "why" }, sentence(why)),
      ),
    ),
  );
}
