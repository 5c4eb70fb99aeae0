import { changedKeys, SharingMap } from "../base/sharing-map.ts";
import type { Instance } from "../model/instance.ts";
import type { Member, Roster, Verdicts } from "./contract.ts";

/** The roster before anybody was found. */
export const emptyRoster: Roster = {
  instances: [],
  health: SharingMap.of([]),
  members: SharingMap.of([]),
};

/** What tells an instance from all others of this agent: `web/10.0.0.1:80`. */
export function nameOf({ service, id }: Instance): string {
  return `${service}/${id}`;
}

/**
 * Joins who is here with what is known of their health, by `nameOf`. An instance that health has nothing
 * to say about yet is unknown; health of an instance that is no longer here is of no interest. Who is what
 * they were in `previous` keep their identity, and while the same instances are here only news of their
 * health is looked at. No two instances may have one name: discovery sees to that, so anything else is a bug.
 */
export function roster(previous: Roster, instances: readonly Instance[], health: Verdicts): Roster {
  const members =
    instances === previous.instances
      ? previous.members.with(reviewed(previous, health))
      : SharingMap.of(counted(previous, instances, health));
  return { instances, health, members };
}

/** The members of whose health there is news. */
function* reviewed({ members, health: before }: Roster, health: Verdicts): Generator<Named> {
  for (const name of changedKeys(before, health)) {
    const known = members.get(name);
    if (known) yield [name, member(known, known.instance, health.get(name)?.verdict)];
  }
}

type Named = [name: string, member: Member];

function counted(
  { members }: Roster,
  instances: readonly Instance[],
  health: Verdicts,
): ReadonlyMap<string, Member> {
  const counted = new Map<string, Member>();
  for (const instance of instances) {
    const name = nameOf(instance);
    if (counted.has(name))
      throw new Error(`the roster was given two instances of one name: ${name}`);
    counted.set(name, member(members.get(name), instance, health.get(name)?.verdict));
  }
  return counted;
}

function member(
  known: Member | undefined,
  instance: Instance,
  verdict: Member["verdict"] = "unknown",
): Member {
  const isSame = known?.instance === instance && known.verdict === verdict;
  return isSame ? known : { instance, verdict };
}
