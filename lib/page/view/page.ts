import type { Overview } from "../../overview/contract.ts";
import { element, keyed, type PageElement } from "../contract.ts";
import { commands } from "./commands.ts";
import { destinations } from "./destinations.ts";
import { files } from "./files.ts";
import { generations } from "./generations.ts";
import { reasons } from "./reasons.ts";
import { services } from "./services.ts";
import { verdict } from "./verdict.ts";
import { watchers } from "./watchers.ts";

/** All that an overview shows, in the order in which it is asked at 3 a.m. */
export function page(overview: Overview): PageElement {
  const named = (name: string, part: PageElement | undefined) => part && keyed(name, part);
  return element(
    "main",
    { id: "page" },
    named("verdict", verdict(overview)),
    named("why", reasons(overview)),
    named("services", services(overview)),
    named("destinations", destinations(overview)),
    named("files", files(overview)),
    named("changes", generations(overview)),
    named("watchers", watchers(overview)),
    named("commands", commands(overview)),
  );
}
