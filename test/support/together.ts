/** Imported before files that share a process: records which tests leave handles open. */
import { beforeEach } from "node:test";
import { leftOpen } from "./limit.ts";

let last = "the start";

beforeEach((t) => {
  const open = process.getActiveResourcesInfo();
  while ((leftOpen.at(-1)?.open.length ?? 0) > open.length) leftOpen.pop();
  if (leftOpen.at(-1)?.open.length !== open.length) leftOpen.push({ after: last, open });
  last = t.fullName;
});
