/** Imported before files that share a process: records which of them leaves handles open. */
import { beforeEach } from "node:test";
import { opened } from "./limit.ts";

let last: string | undefined;

beforeEach((t) => {
  const file = "filePath" in t ? t.filePath : undefined;
  if (file === last) return;
  opened.push(`before ${file}: ${process.getActiveResourcesInfo().join(", ")}`);
  last = file;
});
