import type { Explanation } from "../lib/overview/explanation.ts";
import { whyNotApplied } from "../lib/overview/not-applied.ts";

type Judged = Pick<Explanation, "verdict" | "why">;

type Known = Omit<Explanation, "verdict" | "why" | "similar">;

/** The verdict on an instance or a setting and its reason, from all that is known of it. */
export function verdictOn(known: Known, hasWatcher: boolean): Judged {
  const { entry, presence, views, unread } = known;
  const isListed = views.some(({ state }) => state !== "absent");
  if (!entry.isThere && !presence && !isListed) {
    return { verdict: "unknown", why: unread ?? "the keyspace has no entry of it" };
  }
  const isSetting = views.length > 0 && views.every(({ service }) => service === undefined);
  if (isSetting && !presence) return verdictOnSetting(known);
  return servedBy(known) ?? unservedAs(known, hasWatcher);
}

function verdictOnSetting({ files }: Known): Judged {
  const read = files.filter(({ use }) => use !== "not read");
  const used = read.filter(({ lines }) => lines.shown.length > 0);
  return used.length > 0
    ? { verdict: "used", why: `${targetsOf(used)} depends on it` }
    : { verdict: "unused", why: read[0]?.why || "no text of this watcher depends on it" };
}

/** Undefined unless requests get to the instance. */
function servedBy({ presence, files, views }: Known): Judged | undefined {
  const serving = files.filter(
    ({ use, status }) => use === "serving" && status.state !== "proxy down",
  );
  if (serving.length > 0) return { verdict: "gets traffic", why: servedWords(serving) };
  const places = presence?.destinations ?? [];
  const senders = places.filter(({ state }) => state === "serving").map(({ name }) => name);
  if (senders.length > 0) {
    const verb = senders.length === 1 ? "sends" : "send";
    return { verdict: "gets traffic", why: `${senders.join(", ")} ${verb} it requests` };
  }
  const isSeen = files.some(({ use }) => use !== "not read") || views.some((one) => one.why !== "");
  if (isSeen || !presence?.registered || presence.draining || places.length > 0) return undefined;
  return { verdict: "gets traffic", why: "it is registered; no file of this process reads it" };
}

function unservedAs({ entry, presence, views, files }: Known, hasWatcher: boolean): Judged {
  const none = (why: string): Judged => ({ verdict: "gets no traffic", why });
  const down = files.find(({ use }) => use === "serving");
  if (down) return none(`the proxy of ${down.status.target} is down`);
  if (presence && !entry.isThere) return none(presence.why || "it is not registered");
  const place = unservedAt(presence, files);
  if (place !== "") return none(place);
  const view = views.find(({ state }) => state !== "listed" && state !== "absent");
  if (view) return none(view.why);
  if (presence?.draining) return none("it is draining");
  const [worst] = files.filter(({ use }) => use !== "not read");
  if (worst?.use === "quarantined")
    return none(`${targetsOf([worst])} is made without it: ${worst.why}`);
  if (worst?.use === "waiting" && worst.status.fault) {
    return none(`not served yet: ${whyNotApplied(worst.status)}`);
  }
  if (worst) return none(worst.why || "its template leaves it out");
  return none(hasWatcher ? "no file of this process reads its service" : presence?.why || "");
}

/** Its state in the first of its destinations; empty if a file or a drain decides. */
function unservedAt(presence: Known["presence"], files: Known["files"]): string {
  const [first] = presence?.destinations ?? [];
  const isRead = files.some(({ use }) => use !== "not read");
  if (!first || presence?.draining || isRead) return "";
  return `its state in ${first.name} is ${first.state}${first.why && `: ${first.why}`}`;
}

function targetsOf(files: Known["files"]): string {
  return files.map(({ status }) => status.target).join(", ");
}

function servedWords(serving: Known["files"]): string {
  const more = serving.find(({ why }) => why !== "")?.why;
  return `${targetsOf(serving)} has it${more === undefined ? "" : `: ${more}`}`;
}
