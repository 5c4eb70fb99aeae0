import { changedKeys, SharingMap } from "../base/sharing-map.ts";
import type { Instance } from "../model/instance.ts";
import type { Member, Roster, Verdicts } from "./contract.ts";

/** The roster before the first discovery. */
export const emptyRoster: Roster = {
  instances: [],
  health: SharingMap.of([]),
  members: SharingMap.of([]),
};

/** Identifies an instance within this agent: `web/10.0.0.1:80`. */
export function nameOf({ service, id }: Instance): string {
  return `${service}/${id}`;
}

/**
 * Joins instances with their health, by `nameOf`. An instance without health is unknown; health without an instance is
 * ignored. Members that are as in `previous` keep their identity, and with the same instances only changes of health are
 * processed. Two instances of one name are a bug: discovery leaves one of them out.
 */
export function roster(previous: Roster, instances: readonly Instance[], health: Verdicts): Roster {
  const members =
    instances === previous.instances
      ? previous.members.with(joinChanged(previous, health))
      : SharingMap.of(joinAll(previous, instances, health));
  return { instances, health, members };
}

/** The members with a verdict that may have changed. */
function* joinChanged(
  { members, health: before }: Roster,
  health: Verdicts,
): Generator<NamedMember> {
  for (const name of changedKeys(before, health)) {
    const known = members.get(name);
    if (known) yield [name, member(known, known.instance, health.get(name)?.verdict)];
  }
}

type NamedMember = [name: string, member: Member];

function joinAll(
  { members }: Roster,
  instances: readonly Instance[],
  health: Verdicts,
): ReadonlyMap<string, Member> {
  const joined = new Map<string, Member>();
  for (const instance of instances) {
    const name = nameOf(instance);
    if (joined.has(name)) throw new Error(`the roster has two instances with the name ${name}`);
    joined.set(name, member(members.get(name), instance, health.get(name)?.verdict));
  }
  return joined;
}

function member(
  known: Member | undefined,
  instance: Instance,
  verdict: Member["verdict"] = "unknown",
): Member {
  const isSame = known?.instance === instance && known.verdict === verdict;
  return isSame ? known : { instance, verdict };
}
