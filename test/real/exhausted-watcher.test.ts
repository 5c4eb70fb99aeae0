import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { events } from "../support/log-events.ts";
import { eventually, outputOf, throwAwayFolder } from "../support/process.ts";
import { startSidekick } from "./sidekick.ts";

test("a watcher without free descriptors keeps the file, logs what it lacks, and goes on as soon as it has some", async (t) => {
  const cwd = await throwAwayFolder(t);
  const [template, target] = [join(cwd, "list.hbs"), join(cwd, "list")];
  const edited = (line: string) => writeFile(template, `{{#if false}}{{/if}}${line}\n`);
  await edited("first");
  await writeFile(
    join(cwd, "sidekick.yaml"),
    `keyspace: file:./keyspace
status: { socket: ./socket }
watch:
  retry: { first: 100ms, atMost: 200ms }
  templates: [{ source: list.hbs, target: list, format: plain, check: ["true", "{candidate}"] }]
`,
  );
  const agent = startSidekick(t, ["run", "-c", "sidekick.yaml"], { cwd });
  const pid = `--pid=${agent.pid}`;
  const codes = () => events(agent).map(({ code }) => String(code));
  const written = (line: string) =>
    eventually(`${line} is written`, async () =>
      (await readFile(target, "utf8")).endsWith(`${line}\n`),
    );
  await written("first");

  let edits = 0;
  const shortages = () =>
    codes().filter((one) => ["RENDER_RESOURCES_EXHAUSTED", "INSTALL_UNWRITABLE"].includes(one));
  /** Edits the template while so many descriptors are free; false if the agent happened to close another one in time. */
  const isShort = async (left: number, code: string) => {
    await outputOf(["prlimit", `--nofile=${await freeDescriptor(agent.pid, left)}:`, pid]);
    const [before, seen] = [await readFile(target, "utf8"), shortages().length];
    edits += 1;
    const line = `edit ${edits}`;
    await edited(line);
    const isWritten = async () => (await readFile(target, "utf8")).endsWith(`${line}\n`);
    await eventually(code, async () => shortages().length > seen || (await isWritten()));
    const kept = (await readFile(target, "utf8")) === before;
    await outputOf(["prlimit", "--nofile=1024:", pid]);
    await written(line);
    return codes().includes(code) && kept;
  };
  // None is left for reading the template; then one, with which it can be read, but not checked.
  await eventually("the template is not read", () => isShort(0, "RENDER_RESOURCES_EXHAUSTED"));
  await eventually("the text is not checked", () => isShort(1, "INSTALL_UNWRITABLE"));
  assert.equal(await agent.stop(), 0);
});

/** The number of the first free file descriptor of a process, after `skipped` others. */
async function freeDescriptor(pid: number, skipped: number): Promise<number> {
  const open = new Set(await readdir(`/proc/${pid}/fd`));
  const numbers = Array.from({ length: open.size + skipped + 1 }, (_, i) => i);
  return numbers.filter((one) => !open.has(String(one)))[skipped] ?? 0;
}
