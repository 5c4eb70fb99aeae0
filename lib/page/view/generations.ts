import type { Generation, How, KeyChange, Stages } from "../../journal/contract.ts";
import type { Overview } from "../../overview/contract.ts";
import type { Tone } from "../../overview/tones.ts";
import { element, keyed, type PageElement } from "../contract.ts";
import { code, counted, section, state, time } from "./parts.ts";

/** What changed in the last 15 minutes, and why; undefined where no watcher runs. */
export function generations({ changes, omitted, files }: Overview): PageElement | undefined {
  if (changes.length === 0 && files.length === 0) return undefined;
  const missing = omitted?.changes ?? 0;
  return section(
    "changes",
    "Changes in the last 15 minutes",
    changes.length === 0 && element("p", { class: "none" }, "None."),
    element("ol", { class: "changes" }, changes.map(generation)),
    missing > 0 &&
      element(
        "p",
        { class: "none" },
        `${counted(missing, "earlier change")}: `,
        code("sidekick history"),
      ),
  );
}

function generation(one: Generation): PageElement {
  const { n, at, group, how, detail, refused, cause, quarantined = [] } = one;
  const tone = howTone(how);
  return keyed(
    String(n),
    element(
      "li",
      { class: tone },
      element(
        "p",
        { class: "head" },
        state(tone, detail ?? how),
        element("span", { class: "group" }, group),
        time(at),
      ),
      element("p", { class: "cause" }, causeOf(one)),
      refused && element("p", { class: "words" }, refused.message),
      quarantined.map(({ key, revision, why }) =>
        element("p", { class: "words" }, code(`${key}@${revision}`), ` quarantined: ${why}`),
      ),
      element(
        "details",
        { "data-diff": String(n) },
        element("summary", {}, `Generation ${n}: ${took(one.stages)}, revision ${one.revision}`),
        cause.keys.length > 0 && element("ul", { class: "keys" }, cause.keys.map(keyChange)),
        element(
          "div",
          { class: "diff" },
          element("a", { href: `/diff?n=${n}` }, `The difference that generation ${n} made`),
        ),
      ),
    ),
  );
}

function howTone(how: How): Tone {
  if (how === "refused" || how === "failed") return "bad";
  return how === "deferred" ? "note" : "good";
}

/** `/services/web/a@17 put, 3 further keys, template` */
function causeOf({ cause: { keys, more, reasons } }: Generation) {
  const [first, ...others] = keys;
  const further = others.length + more;
  const words = [further > 0 ? counted(further, "further key") : "", ...reasons].filter(Boolean);
  const rest = words.join(", ");
  if (!first) return rest;
  return [code(`${first.key}@${first.revision}`), ` ${first.op}${rest && `, ${rest}`}`];
}

function keyChange({ key, op, revision, owner, before, after }: KeyChange): PageElement {
  const value = (tag: "del" | "ins", text: string | undefined) =>
    text !== undefined && element(tag, {}, text);
  return element(
    "li",
    {},
    code(`${key}@${revision}`),
    ` ${op}`,
    owner !== undefined && ` by ${owner}`,
    value("del", before),
    value("ins", after),
  );
}

/** `verified 14 ms after the change was seen` */
function took({ verified, ended }: Stages): string {
  const ms = Math.round(verified ?? ended);
  return verified === undefined ? `ended after ${ms} ms` : `verified after ${ms} ms`;
}
