import { setFlagsFromString } from "node:v8";

/** The commands that run agents of instances and no watcher. */
const agents = new Set<string | undefined>(["presence", "nerve"]);

/**
 * Has V8 collect the old objects of an agent of instances once their space is 1.5 times of what is in use: its checks leave
 * much garbage, and little is in use. A watcher of many keys would spend much more CPU time. `nodeOptions` are those of
 * Node.js, which may set the growth.
 */
export function limitOldGeneration(command: string | undefined, nodeOptions: string): void {
  if (!agents.has(command) || /heap[-_]growing/.test(nodeOptions)) return;
  setFlagsFromString("--heap-growing-percent=50");
}
