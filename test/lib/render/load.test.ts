import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { loadSources } from "../../../lib/render/load.ts";
import { throwAwayFolder } from "../../support/process.ts";

test("the first candidate that exists is read, and the partials beside it replace shipped ones", async (t) => {
  const folder = await throwAwayFolder(t);
  const [own, shipped] = [join(folder, "own"), join(folder, "shipped")];
  await mkdir(join(own, "partials"), { recursive: true });
  await mkdir(join(shipped, "partials"), { recursive: true });
  await writeFile(join(own, "a.hbs"), "own");
  await writeFile(join(shipped, "a.hbs"), "shipped");
  await writeFile(join(shipped, "b.hbs"), "only shipped");
  await writeFile(join(own, "partials", "p.hbs"), "own p");
  await writeFile(join(shipped, "partials", "p.hbs"), "shipped p");
  await writeFile(join(shipped, "partials", "q.hbs"), "shipped q");

  const read = (name: string) =>
    loadSources([join(own, name), join(shipped, name)], join(shipped, "partials"));
  const a = await read("a.hbs");
  assert.equal(a.sources.main.text, "own");
  assert.equal(a.sources.partials.get("p")?.text, "own p");
  assert.equal(a.sources.partials.get("q")?.text, "shipped q");
  const b = await read("b.hbs");
  assert.equal(b.sources.main.text, "only shipped");
  assert.equal(b.sources.partials.get("p")?.text, "shipped p");
  await assert.rejects(read("c.hbs"), {
    code: "RENDER_TEMPLATE_UNREADABLE",
    message: /own\/c\.hbs cannot be read \(looked for .*own\/c\.hbs, then .*shipped\/c\.hbs\)/,
  });
});
