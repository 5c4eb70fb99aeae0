import assert from "node:assert/strict";
import { test } from "node:test";
import { read } from "../support/sources.ts";

const pages = await read("docs/coming-from/*.md");
const [configuration = ""] = (await read("docs/configuration.md")).values();
const [commands = ""] = (await read("docs/cli.md")).values();

/** The sections of a page whose headings match, by the name that the pattern captures; an empty name where it captures none. */
function sections(
  page: string,
  heading: RegExp,
): readonly (readonly [name: string, text: string])[] {
  return page.split(/^(?=#{2,3} )/m).flatMap((text) => {
    const found = heading.exec(text);
    return found ? [[found[1] ?? "", text] as const] : [];
  });
}

/** Every setting: `watch.templates[].proxy.run`. Kinds of one setting share its name. */
const settings: ReadonlySet<string> = new Set(
  sections(configuration, /^## (?:Top level|`([^`]+)`)/).flatMap(([place, text]) => {
    const rows = [...text.matchAll(/^\| `(\w+)` +\|/gm)];
    return rows.map(([, key]) => (place ? `${place}.${key}` : `${key}`));
  }),
);

/** The text of each command's section: `watch`. */
const known: ReadonlyMap<string, string> = new Map(sections(commands, /^### sidekick (\w+)/));

/** The code in a page: between backquotes, and the lines of blocks of shell. */
function code(page: string): readonly string[] {
  const shell = [...page.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, text = ""]) =>
    text.split("\n"),
  );
  const prose = page.replaceAll(/^ *```.*?^ *```$/gms, "");
  return [
    ...shell.map((line) => line.trim()),
    ...[...prose.matchAll(/`([^`\n]+)`/g)].map(([, one = ""]) => one),
  ];
}

test("pages on moving in exist", () => {
  assert.ok(pages.size > 0);
  assert.ok(settings.has("watch.templates[].proxy.run") && settings.has("keyspace"));
  assert.ok(known.has("watch"));
});

for (const [file, page] of pages) {
  test(`${file} names settings that exist`, () => {
    const named = code(page).filter((one) =>
      /^(keyspace|presence|watch|status)\.[\w.[\]<>]+$/.test(one),
    );
    for (const one of named) assert.ok(settings.has(one), one);
  });

  test(`${file} names commands and options that exist`, () => {
    for (const line of code(page)) {
      const [, command = ""] = /^sidekick ([a-z]+)\b/.exec(line) ?? [];
      if (command === "") continue;
      const section = known.get(command);
      assert.ok(section, `sidekick ${command}`);
      for (const [, option = ""] of line.matchAll(/ (--[a-z-]+|-c)\b/g)) {
        assert.ok(new RegExp(`\`[^\`]*${option}\\b`).test(section), line);
      }
    }
  });
}
