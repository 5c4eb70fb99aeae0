import { canonicalAddress } from "../../../lib/model/endpoint.ts";
import type { Endpoint, Quarantined } from "../../../lib/model/pool.ts";
import { isSameButStamp } from "../../../lib/model/stamp.ts";
import type { ExplainedFile } from "../../../lib/overview/explanation.ts";
import type { Pools, QuarantinedSince } from "../../../lib/view/contract.ts";
import type { Weighting } from "../../../lib/view/policies/contract.ts";
import type { GroupFile, TemplateGroup } from "../groups.ts";
import type { NameView } from "../resolve-names.ts";
import { reads, readsService } from "./reads.ts";

/** An entry, or an instance of the configuration, and the service in question; undefined for a setting. */
export interface Subject {
  readonly key: string;
  readonly service: string | undefined;
}

/** What a file does with an entry, with times in milliseconds of the clock. */
export interface Use extends Pick<ExplainedFile, "use" | "why"> {
  readonly weight?: number;
  readonly fullWeight?: number;
  readonly sinceMs?: number;
}

/** What a file of a group does with an entry: `made` are the services of its text, `now` the latest ones. */
export function useOf(
  subject: Subject,
  file: GroupFile,
  group: TemplateGroup,
  { made, now }: { readonly made: Pools | undefined; readonly now: Pools },
  names: Pick<NameView, "quarantined" | "missing">,
): Use {
  if (!isRead(subject, file, now)) return { use: "not read", why: "its template does not read it" };
  return group.pin.active
    ? pinnedUse(subject, group, [now, ...(made ? [made] : [])])
    : renderedUse(subject, group, { made, now }, names);
}

function renderedUse(
  subject: Subject,
  group: TemplateGroup,
  { made, now }: { readonly made: Pools | undefined; readonly now: Pools },
  names: Pick<NameView, "quarantined" | "missing">,
): Use {
  const { key, service } = subject;
  const left = leftOut(key, group, names);
  if (left && !left.isPartial) return { use: "quarantined", why: left.why, sinceMs: left.sinceMs };
  if (!made) return { use: "unknown", why: "no text of it was accepted since the start" };
  const used = service === undefined ? undefined : made.byName.get(service);
  const endpoint = used?.instances.find((one) => one.key === key);
  const weighting = made.weightings?.get(service ?? "")?.get(key);
  const [entry, latest] = [made.snapshot.get(key), now.snapshot.get(key)];
  if (endpoint) {
    const isOld = latest !== undefined && !isSameButStamp(entry?.value, latest.value);
    const later = isOld ? `revision ${latest.revision} ${pending(group)}` : left?.why;
    return { ...weighted(endpoint, weighting), ...(later && { why: later }) };
  }
  if (service === undefined && entry) return { use: "used", why: "" };
  if (weighting?.weight === 0) return { use: "absent", why: weighting.why };
  return isExpected(subject, now)
    ? { use: "waiting", why: whyMissing(key, group, names) }
    : { use: "absent", why: "" };
}

/** The use of an instance that a text has, and what policies came to for it. */
function weighted({ weight }: Endpoint, weighting: Weighting | undefined): Use {
  const { full: fullWeight, why } = weighting ?? { why: "" };
  const use = weight > 0 ? "serving" : "draining";
  return { use, weight, ...(fullWeight !== undefined && { fullWeight }), why };
}

/** What pinned texts do with an instance, by its address: its entry may be gone. `known` are the services that may have it. */
export function pinnedUse(
  { key, service = "" }: Subject,
  { verified, proxy }: TemplateGroup,
  known: readonly Pools[],
): Use {
  const endpoint = known
    .flatMap(({ byName }) => byName.get(service)?.instances ?? [])
    .find((one) => one.key === key);
  if (!endpoint || !verified) return { use: "unknown", why: "the file is pinned" };
  const texts = [...verified.values()];
  const use = proxy?.servers?.uses(texts)(canonicalAddress(endpoint)) ?? "unclear";
  if (use === "served") return { use: "serving", why: "" };
  if (use === "unclear") {
    return { use: "unknown", why: "the file is pinned, and its text leaves open what it gets" };
  }
  return texts.some((text) => text.includes(endpoint.address))
    ? { use: "draining", why: "its server has weight 0 while the file is pinned" }
    : { use: "absent", why: "the pinned text does not have it" };
}

/** Whether the latest services have the instance, or the latest keys the setting. */
function isExpected({ key, service }: Subject, { byName, snapshot }: Pools): boolean {
  if (service === undefined) return snapshot.get(key) !== undefined;
  return byName.get(service)?.instances.some((one) => one.key === key) === true;
}

/** Whether the template reads the entry, or the service that it belongs to. */
function isRead({ key, service }: Subject, file: GroupFile, now: Pools): boolean {
  return reads(file, key, now) || (service !== undefined && readsService(file, service, now));
}

function whyMissing(
  key: string,
  group: TemplateGroup,
  { missing }: Pick<NameView, "missing">,
): string {
  return group.resolvesNames && missing.has(key)
    ? "its host name is being looked up"
    : `it ${pending(group)}`;
}

/** Why the latest state of an entry is not in the files. */
function pending({ search, limiter }: TemplateGroup): string {
  if (search) return "is not applied yet: the search for a bad entry goes on";
  return limiter.waitMs > 0 ? "is not applied yet: it waits for minInterval" : "is not applied yet";
}

function leftOut(
  key: string,
  { quarantine, unrenderable, resolvesNames }: TemplateGroup,
  names: Pick<NameView, "quarantined">,
): (QuarantinedSince & Quarantined) | undefined {
  const all = [
    ...quarantine.quarantined,
    ...unrenderable.quarantined,
    ...(resolvesNames ? names.quarantined : []),
  ];
  return all.find((one) => one.key === key);
}
