import type { FileState } from "../model/watcher-file.ts";
import { compareTexts } from "./compare-texts.ts";
import type { FleetWatcher } from "./contract.ts";
import { type FleetComparison, type FleetFinding, findingKinds } from "./fleet-contract.ts";
import { suspectNotes } from "./suspects.ts";

/** Compares the watchers of a keyspace; their order does not matter. */
export function compareFleet(watchers: readonly FleetWatcher[]): FleetComparison {
  const texts = compareTexts(watchers);
  const findings = [
    ...watchers.flatMap((one) => [...ofFiles(one), ...ofWatcher(one)]),
    ...texts.findings,
  ];
  return {
    isAgreed: watchers.length > 0 && findings.length === 0,
    findings: findings.toSorted(worstFirst),
    notes: [...texts.notes.toSorted(), ...suspectNotes(watchers)],
  };
}

const words: Readonly<Record<FileState, string>> = {
  "proxy down": "its proxy is down",
  failing: "its last change has failed",
  "out of sync": "something else has changed it, or what its proxy serves",
  unknown: "not verified yet",
  "in sync": "",
};

function ofFiles({ id: watcher, files }: FleetWatcher): readonly FleetFinding[] {
  return files.flatMap(({ target, state, refused }): readonly FleetFinding[] => [
    ...(state === "in sync" ? [] : [{ kind: state, watcher, target, why: words[state] }]),
    ...(refused === undefined
      ? []
      : [{ kind: "refusing" as const, watcher, target, why: `refuses ${refused}` }]),
  ]);
}

function ofWatcher({ id: watcher, files, more = {} }: FleetWatcher): readonly FleetFinding[] {
  const counted = Object.entries(more) as [FileState, number][];
  if (files.length === 0 && counted.length === 0)
    return [{ kind: "older version", watcher, why: "its entry does not have the state of files" }];
  return counted.flatMap(([kind, count]) =>
    kind === "in sync" ? [] : [{ kind, watcher, why: `${count} more files: ${words[kind]}` }],
  );
}

function worstFirst(a: FleetFinding, b: FleetFinding): number {
  const rank = findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind);
  const [one, other] = [a, b].map(({ watcher, target = "", why }) =>
    JSON.stringify([watcher, target, why]),
  ) as [string, string];
  return rank || (one < other ? -1 : one > other ? 1 : 0);
}
