import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { check } from "../../cli/commands/check.ts";
import { convert } from "../../cli/commands/convert.ts";
import { render } from "../../cli/commands/render.ts";
import { never } from "../../lib/base/signal.ts";
import { filesBelow, install, setUps } from "../compat/confd/set-ups.ts";
import { throwAwayFolder } from "../support/process.ts";
import { testWorld } from "./test-world.ts";

/** The templates that stay Go templates, with the place and the reason. */
const kept: Readonly<Record<string, RegExp>> = {
  "pgbouncer/pgbouncer.ini":
    /pgbouncer\.ini\.tmpl:15:4: printf with "%-20s= %05d" has no counterpart/,
  "prometheus/targets.json": /targets\.json\.tmpl:6:\d+: Go sorts the keys of an object/,
  "supervisor/workers.conf":
    /workers\.conf\.tmpl:\d+:\d+: Handlebars templates have no function html/,
  "vhosts-json/vhosts": /vhosts\.tmpl:10:1: it invokes a template that the file defines/,
};

for (const setUp of setUps) {
  test(`the converted files of ${setUp.name} are rendered byte for byte, and only known templates stay`, async (t) => {
    const folder = await throwAwayFolder(t);
    const before = join(folder, "before");
    const after = join(folder, "after");
    await install(setUp, before);
    const { world, out, err } = testWorld(folder);
    const env = { ...world.env, ...setUp.env };
    const command = ["confd", "-confdir", before, ...setUp.keysAt(before), "--write", after];
    assert.equal(await convert(command, { ...world, env }, never), 0, err());
    assert.match(err(), /the plan is the same, and (its file is|all \d+ files are) equal/);

    const files = [join(after, "sidekick.yaml")];
    const flags = { live: false, machine: true, json: false };
    assert.equal(await check({ files, fixture: undefined, ...flags }, { ...world, env }, never), 0);
    await render({ files, json: true }, { ...world, env }, never);
    const printed = out().slice(out().indexOf("\n[") + 1);
    const rendered: { readonly target: string; readonly text: string }[] = JSON.parse(printed);
    const expected = await filesBelow(join(setUp.folder, "expected"));
    const names = rendered.map(({ target }) => target.slice(`${before}/root/`.length)).sort();
    assert.deepEqual(names, expected);
    for (const { target, text } of rendered) {
      const name = target.slice(`${before}/root/`.length);
      assert.equal(text, await readFile(join(setUp.folder, "expected", name), "utf8"), name);
    }

    const templates = await readdir(join(after, "templates"), { recursive: true });
    const text = await readFile(join(after, "sidekick.yaml"), "utf8");
    const stay = templates.filter((name) => name.endsWith(".tmpl"));
    const known = Object.entries(kept).filter(([name]) => name.startsWith(`${setUp.name}/`));
    assert.deepEqual(
      stay.map((name) => `${setUp.name}/${name.replace(/\.tmpl$/, "")}`).sort(),
      known.map(([name]) => name).sort(),
    );
    for (const [, reason] of known) assert.match(text, reason);
  });
}
