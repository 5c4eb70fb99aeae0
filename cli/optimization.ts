import { versions } from "node:process";
import { setFlagsFromString } from "node:v8";

/** The options of V8 for the calls of a function before a compiler optimizes it, ten times its own defaults. */
const calls = {
  "--invocation-count-for-maglev": 4000,
  "--invocation-count-for-maglev-with-delay": 6000,
  "--invocation-count-for-turbofan": 30_000,
};

/**
 * Has V8 optimize what runs very often, and not all that runs at each change: of an agent that does something a few times a
 * second, optimizing takes more CPU time than it saves. Loops are optimized as early as ever. `nodeOptions` are those of Node.js,
 * which may set the counts. Another version of V8 keeps its own: it would print that it does not know an option.
 */
export function postponeOptimization(nodeOptions: string): void {
  if (/invocation[-_]count/.test(nodeOptions) || !versions.v8.startsWith("13.6.")) return;
  for (const [option, count] of Object.entries(calls)) setFlagsFromString(`${option}=${count}`);
}
