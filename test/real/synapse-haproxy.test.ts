import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { run } from "../../lib/base/exec.ts";
import { never } from "../../lib/base/signal.ts";
import { haproxyConfig } from "../../lib/render/synapse/haproxy-config.ts";
import { formerKeywords, keywords, type Side } from "../../lib/render/synapse/keywords.ts";
import { nothingRemembered } from "../../lib/render/synapse/remembered.ts";
import { published } from "../lib/config/compat/synapse/published.ts";
import { textOf } from "../lib/config/compat/synapse/published-text.ts";
import { cases } from "../lib/render/synapse/cases.ts";
import { head } from "../lib/render/synapse/settings.ts";
import { hangMs, throwAwayFolder } from "../support/process.ts";

async function haproxy(...args: readonly string[]): Promise<string> {
  const argv = ["haproxy", ...args];
  const { output } = await run({ argv, timeoutMs: hangMs }, systemClock, never);
  return output;
}

/** What haproxy prints when it checks each text. */
async function checked(t: TestContext, texts: readonly string[]): Promise<readonly string[]> {
  const folder = await throwAwayFolder(t);
  const outputs: string[] = [];
  for (const [i, text] of texts.entries()) {
    const file = join(folder, `${i}.cfg`);
    await writeFile(file, text);
    outputs.push(await haproxy("-c", "-f", file));
  }
  return outputs;
}

test("haproxy accepts the text of every case", async (t) => {
  // One file for all of them, with names of their own, since a run of haproxy takes long on a busy machine.
  const bodies = cases.map(({ settings, servers }, i) => {
    const found = new Map(Object.entries(servers));
    const { text } = haproxyConfig(settings, found, nothingRemembered, 0);
    assert.ok(text.startsWith(head));
    return text.slice(head.length).replace(/^(\s*\w*(?:front|back)end) (\S+)/gm, `$1 $2-${i}`);
  });
  const [output = ""] = await checked(t, [`${head}${bodies.join("")}`]);
  assert.match(output, /Configuration file is valid/);
  assert.doesNotMatch(output, /ALERT|Missing LF/);
});

test("haproxy accepts the text of configurations as people publish them", async (t) => {
  const names = Object.keys(published);
  const outputs = await checked(t, await Promise.all(names.map(textOf)));
  for (const [i, output] of outputs.entries()) {
    assert.match(output, /Configuration file is valid/, names[i]);
    assert.doesNotMatch(output, /ALERT|Missing LF/, names[i]);
  }
});

/** haproxy stops after some twenty errors in one file. */
const linesPerFile = 12;

/** haproxy's message on a line that has no meaning in its section. */
const misplacedLine =
  /unknown (keyword|option)|no (frontend|backend) capability|not allowed because|only available in|is ignored in/;

/** The keywords of the table, with what haproxy prints on a line that has nothing else. */
async function messages(
  t: TestContext,
  side: Side,
  lines: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const chunks = Array.from({ length: Math.ceil(lines.length / linesPerFile) }, (_, i) =>
    lines.slice(i * linesPerFile, (i + 1) * linesPerFile),
  );
  // A time limit needs a value before haproxy looks at the section.
  const written = (line: string) => (line.startsWith("timeout ") ? `${line} 5s` : line);
  const start = `${head}${side} x\n`;
  const texts = chunks.map((chunk) => `${start}${chunk.map(written).join("\n")}\n`);
  const outputs = await checked(t, texts);
  const first = start.split("\n").length;
  const found = new Map<string, string>();
  for (const [i, output] of outputs.entries()) {
    for (const [, line, message = ""] of output.matchAll(/\.cfg:(\d+)\][\s:]*(.*)/g)) {
      const keyword = chunks[i]?.[Number(line) - first] ?? "";
      found.set(keyword, `${found.get(keyword) ?? ""}${message}\n`);
    }
  }
  return found;
}

test("haproxy takes each keyword of the table in the sections that the table has for it", async (t) => {
  for (const side of ["frontend", "backend"] as const) {
    const wrong = [...(await messages(t, side, [...keywords[side]]))].filter(([, message]) =>
      misplacedLine.test(message),
    );
    assert.deepEqual(wrong, []);
  }
});

test("haproxy does not take a keyword of one section in the other", async (t) => {
  // haproxy takes these silently, or looks at their values first; its manual has them for one kind of section.
  const unjudged =
    /^(bind-process|clitcpka-|dispatch|external-check|hash-balance|http-check|http-reuse|http-send|ignore-persist|load-server|log-format|max-keep|persist|retry-on|srvtcpka-|tcp-check|tcp-response|transparent|unique-id|use-fcgi|rate-limit|backlog|maxconn|fullconn|monitor|force-persist|option external-check)/;
  for (const [side, other] of [
    ["frontend", "backend"],
    ["backend", "frontend"],
  ] as const) {
    const only = [...keywords[other]].filter((one) => !keywords[side].has(one));
    const found = await messages(t, side, only);
    const taken = only.filter(
      (one) => !unjudged.test(one) && !misplacedLine.test(found.get(one) ?? ""),
    );
    assert.deepEqual(taken, []);
  }
});

test("haproxy refuses the former keywords of the table by name", async (t) => {
  const found = await messages(t, "backend", [...formerKeywords.backend]);
  for (const keyword of formerKeywords.backend) {
    assert.match(found.get(keyword) ?? "", /any ?more|unknown|Use '/, keyword);
  }
});

test("the table has every keyword that haproxy lists for proxies", async () => {
  const listed = await haproxy("-dKcfg", "-f", "/dev/null");
  const [, section = ""] = /^listen\n((?:\t.*\n)+)/m.exec(listed) ?? [];
  const known = [...keywords.frontend, ...keywords.backend];
  const former = [...formerKeywords.frontend, ...formerKeywords.backend];
  const missing = section.split("\n").filter((line) => {
    const [first = "", second = ""] = line.trim().split(/\s+/);
    const name = first === "option" ? `option ${second}` : first;
    if (name === "" || name === "timeout") return false;
    return ![...known, ...former].includes(name);
  });
  assert.notEqual(section, "");
  assert.deepEqual(missing, []);
});
