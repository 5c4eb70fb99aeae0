/** Which test files share a process, and which are run first. */
import { basename } from "node:path";

/** Folders whose files share a process, one for each folder directly below: a process for each file takes twice the CPU. */
const sharing = ["test/agents", "test/docs", "test/lib"];

/** Files in these folders that need a process of their own, and why. */
export const alone: Readonly<Record<string, string>> = {
  "test/lib/base/signal.test.ts": "counts the listeners on `never`, which all modules share",
  "test/lib/render/each.test.ts": "sets flags of V8 and measures memory",
  "test/lib/install/durable.test.ts": "replaces a method of all file handles",
};

/** The files that take the longest come first: at the end of a run one of them would leave a core idle. */
export const longest: readonly string[] = [
  "test/faults/etcd.test.ts",
  "test/real/image.test.ts",
  "test/real/refusals.test.ts",
  "test/real/names.test.ts",
  "test/real/chain.test.ts",
  "test/real/etcd.test.ts",
  "test/real/states.test.ts",
  // Not side by side with that of etcd for long.
  "test/faults/zookeeper.test.ts",
];

/** Files for one process. */
export interface Shared {
  /** Such as `lib-base`. */
  readonly name: string;
  readonly files: readonly string[];
}

/**
 * What the runner is given: a file, or files that share a process. The runner sorts what it is given by path, so that the
 * longest files have names that come first.
 */
export function planOf(files: readonly string[]): readonly (string | Shared)[] {
  const folders = Map.groupBy(files, (file) => (file in alone ? undefined : sharedFolder(file)));
  const singles = folders.get(undefined) ?? [];
  folders.delete(undefined);
  const shared = [...folders].map(([name, files]) => ({ name: name ?? "", files }));
  const isLong = (file: string) => longest.includes(file);
  return [
    ...longest
      .filter((file) => singles.includes(file))
      .map((file, i) => ({ name: `0${i}-${basename(file, ".test.ts")}`, files: [file] })),
    ...shared,
    ...singles.filter((file) => !isLong(file)),
  ];
}

/** The name of the process that a file shares; undefined if its folder shares none. */
export function sharedFolder(file: string): string | undefined {
  const above = sharing.find((folder) => file.startsWith(`${folder}/`));
  if (above === undefined) return undefined;
  const [, top = "", below = ""] = file.split("/");
  return below.endsWith(".test.ts") ? top : `${top}-${below}`;
}
