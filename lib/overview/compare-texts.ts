import type { FleetWatcher } from "./contract.ts";
import type { FleetComparison, FleetFinding } from "./fleet-contract.ts";

/** A file of a watcher with the text that it had when it was last verified. */
interface Held {
  readonly watcher: string;
  readonly target: string;
  readonly revision: string;
  readonly digest: string;
}

/** The files that have the same text. */
type Text = readonly Held[];

type Compared = Pick<FleetComparison, "findings" | "notes">;

/**
 * Compares the texts of files at the same path, from the same folders, and only with a text that at least two watchers have: hosts may
 * have texts of their own. Of the others, one that was verified with the same revision disagrees, and one with an earlier
 * revision lags. An equal text agrees at any revision: that a file stays as it is at a later one is not written.
 */
export function compareTexts(watchers: readonly FleetWatcher[]): Compared {
  const comparable = new Map<string, Held[]>();
  for (const { id: watcher, prefixes, files } of watchers) {
    for (const { target, revision, digest } of files) {
      if (revision === undefined || digest === undefined) continue;
      const what = JSON.stringify([target, prefixes.toSorted()]);
      const held = comparable.get(what) ?? [];
      held.push({ watcher, target, revision, digest });
      comparable.set(what, held);
    }
  }
  const compared = [...comparable.values()].map(compare);
  return {
    findings: compared.flatMap(({ findings }) => findings),
    notes: compared.flatMap(({ notes }) => notes),
  };
}

function compare(held: readonly Held[]): Compared {
  const texts = [...Map.groupBy(held, ({ digest }) => digest).values()];
  const leading = leadingTexts(texts);
  const findings = texts.flatMap((text) => differing(text, leading));
  const accused = new Set(findings.map(({ watcher }) => watcher));
  const agreed = leading.length === 1 ? leading.flat() : [];
  const others = held.filter((one) => !agreed.includes(one) && !accused.has(one.watcher));
  return { findings, notes: notesOn(others) };
}

/**
 * The newest text that at least two watchers have; of several of them at the same revision, the one that most watchers have, or
 * all that as many have.
 */
function leadingTexts(texts: readonly Text[]): readonly Text[] {
  const shared = texts.filter(({ length }) => length > 1);
  return greatest(greatest(shared, latestIn), ({ length }) => BigInt(length));
}

function greatest<T>(items: readonly T[], of: (item: T) => bigint): readonly T[] {
  const most = items.map(of).reduce((a, b) => (b > a ? b : a), -1n);
  return items.filter((item) => of(item) === most);
}

/** The findings on the files of a text beside the leading ones, of which it may be one. */
function differing(text: Text, leading: readonly Text[]): readonly FleetFinding[] {
  const others = leading.filter((one) => one !== text).flat();
  const revisions = new Set(text.map(({ revision }) => revision));
  const [common] = others
    .map(({ revision }) => revision)
    .filter((one) => revisions.has(one))
    .sort();
  const [own, latest] = [latestIn(text), latestIn(others)];
  const all = (kind: FleetFinding["kind"], why: string) =>
    text.map(({ watcher, target }) => ({ kind, watcher, target, why }));
  if (common !== undefined) {
    const why = `has another text than ${others.length} watchers at revision ${common}`;
    return all("disagreeing", why);
  }
  if (own < 0n || own >= latest) return [];
  return all("lagging", `has the text of revision ${own}, ${latest - own} before ${latest}`);
}

/** Different texts at the same revision, of which none is known to be right. */
function notesOn(held: readonly Held[]): readonly string[] {
  const byRevision = Map.groupBy(held, ({ revision }) => revision);
  return [...byRevision].flatMap(([revision, same]) => {
    const [first] = same;
    if (!first || new Set(same.map(({ digest }) => digest)).size < 2) return [];
    return [
      `${same.length} watchers have different texts of ${first.target} at revision ${revision}`,
    ];
  });
}

function latestIn(held: readonly Held[]): bigint {
  return held.reduce((best, { revision }) => {
    const order = orderOf(revision);
    return order > best ? order : best;
  }, -1n);
}

/** The revision as a number; -1 if it is none, so that nothing is known of its order. */
function orderOf(revision: string): bigint {
  return /^\d{1,40}$/.test(revision) ? BigInt(revision) : -1n;
}
