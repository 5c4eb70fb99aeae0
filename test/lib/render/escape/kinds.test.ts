import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../../../../lib/render/escape/kinds.ts";

type Format = keyof typeof kinds;

const formats = (Object.keys(kinds) as Format[]).filter((format) => format !== "unchecked");

const attack = "10.0.0.1:80; } server { listen 81";

test("common values are allowed in every format", () => {
  const common = [
    "10.0.0.1:80",
    "[::1]:80",
    "web-1.example.org",
    "a_b",
    "/var/run/app.sock",
    "0",
    "",
  ];
  for (const format of formats) {
    for (const value of common) assert.equal(kinds[format](value), undefined, `${format} ${value}`);
  }
});

test("nothing is rejected in a file whose values are not checked", () => {
  assert.equal(kinds.unchecked("-----BEGIN CERTIFICATE-----\nMIIB\0"), undefined);
});

test("a line break is rejected in every format", () => {
  for (const format of formats) {
    for (const end of ["\n", "\r", "\r\n"]) {
      const value = `10.0.0.1:80${end}server evil 6.6.6.6:80`;
      assert.equal(kinds[format](value), "it contains a line break", format);
      assert.equal(kinds[format](`10.0.0.1:80${end}`), "it contains a line break", format);
    }
  }
});

test("control characters are rejected in every format", () => {
  for (const format of formats) {
    for (const code of [0, 1, 8, 11, 12, 27, 31, 127, 133, 159]) {
      assert.ok(kinds[format](`a${String.fromCharCode(code)}b`), `${format} ${code}`);
    }
  }
  assert.equal(kinds.plain("a\0b"), "it contains the control character U+0000");
});

/** Values with the first forbidden character in each format that rejects them. */
const table: readonly (readonly [value: string, rejections: Partial<Record<Format, string>>])[] = [
  [attack, { haproxy: '"}"', nginx: '";"', shell: '";"' }],
  ["10.0.0.1:80 weight=5 backup", { shell: "a space" }],
  ["a\tb", { haproxy: "a tab", nginx: "a tab", json: "a tab", shell: "a tab" }],
  ['a"b', { haproxy: `'"'`, nginx: `'"'`, json: `'"'`, shell: `'"'` }],
  ["a'b", { haproxy: `"'"`, nginx: `"'"`, shell: `"'"` }],
  ["a\\b", { haproxy: '"\\"', nginx: '"\\"', json: '"\\"', shell: '"\\"' }],
  ["10.0.0.1:80#", { haproxy: '"#"', nginx: '"#"', shell: '"#"' }],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: haproxy's own syntax
  ["${SECRET}", { haproxy: '"$"', nginx: '"$"', shell: '"$"' }],
  ["$(reboot)", { haproxy: '"$"', nginx: '"$"', shell: '"$"' }],
  ["`reboot`", { nginx: '"`"', shell: '"`"' }],
  ["%[env(SECRET)]", { haproxy: '"%"', shell: '"("' }],
  ["x } || { always_true", { haproxy: '"}"', nginx: '"}"', shell: "a space" }],
  ["x reboot", { shell: "a space" }],
  ["x&reboot", { shell: '"&"' }],
  ["x|reboot", { shell: '"|"' }],
  ["x>/etc/passwd", { shell: '">"' }],
  ["~root", { shell: '"~"' }],
  ["*", { shell: '"*"' }],
  ["!!", { shell: '"!"' }],
  ["1, 2", { shell: "a space" }],
  ['", "admin": true, "x": "', { haproxy: `'"'`, nginx: `'"'`, json: `'"'`, shell: `'"'` }],
  ["größe 😀", { shell: '"ö"' }],
  ["😀", { shell: '"😀"' }],
];

test("each format rejects the characters that would change its structure, and names the first", () => {
  for (const [value, rejections] of table) {
    for (const format of formats) {
      const found = rejections[format];
      const expected = found === undefined ? undefined : `it contains ${found}`;
      assert.equal(kinds[format](value), expected, `${format} ${value}`);
    }
  }
});

test("a value that JSON allows is unchanged inside a JSON string", () => {
  for (let code = 0; code < 0x3000; code += 1) {
    const value = `a${String.fromCharCode(code)}b`;
    if (kinds.json(value) === undefined) assert.equal(JSON.parse(`"${value}"`), value);
  }
});
