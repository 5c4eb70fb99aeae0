import assert from "node:assert/strict";
import { test } from "node:test";
import { planFrom, problemsOf } from "./problems-of.ts";

const watch = "watch: { templates: [{ source: a, target: b }] }";

test("mounts are keyspaces by folder, as a URL or as an object, with paths relative to the file", () => {
  const { mounts } = planFrom(`
mounts:
  /legacy/: zk://127.0.0.1/airbnb
  other: { url: "etcds://127.0.0.1:2479", ca: ca.pem }
  /disk: file:./entries
${watch}`);
  assert.deepEqual(
    Object.entries(mounts ?? {}).map(([folder, { url }]) => [folder, url]),
    [
      ["/legacy", "zk://127.0.0.1:2181/airbnb"],
      ["/other", "etcds://127.0.0.1:2479"],
      ["/disk", "file:/etc/sidekick/entries"],
    ],
  );
  assert.equal(mounts?.["/other"]?.access.ca, "/etc/sidekick/ca.pem");
  assert.ok(!("mounts" in planFrom(watch)));
});

const bad: readonly [text: string, problem: RegExp][] = [
  [
    "mounts: { /a b: zk://h }",
    /mounts\["\/a b"\].*expected a folder of the keyspace such as \/services$/,
  ],
  ["mounts: { /a: ftp://h }", /mounts\["\/a"\] is "ftp:\/\/h": .*write file:\.\/folder/],
  [
    "mounts: { /a: { url: zk://h, usr: me } }",
    /mounts\["\/a"\]\.usr is not known here: did you mean user\?$/,
  ],
  [
    "mounts: { /a: zk://h, a/: zk://h }",
    /mounts\["a\/"\] has the same folder as the one at .*:1:11: \/a$/,
  ],
];

for (const [text, expected] of bad) {
  test(`explains ${text}`, () => {
    const problems = problemsOf(`${text}\n${watch}`);
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.match(problems[0] ?? "", expected);
  });
}

test("a password of a mounted keyspace is in no message", () => {
  const text = `mounts: { /a: { url: "zk://h", password: hidden } }\n${watch}`;
  const problems = problemsOf(text);
  assert.equal(problems.length, 1);
  assert.doesNotMatch(problems.join(), /hidden/);
});

test("instances are not registered below a mounted folder", () => {
  const presence =
    "presence: { prefix: /legacy/services, services: [{ name: a, host: b, port: 1 }] }";
  assert.deepEqual(problemsOf(`mounts: { /legacy: zk://h }\n${presence}`), [
    "sidekick.yaml:2:21: presence.prefix is /legacy/services, which is in the keyspace that is mounted at /legacy: presence registers in keyspace only",
  ]);
  const preset = presence.replace("prefix: /legacy/services, ", "");
  assert.equal(problemsOf(`mounts: { /services: zk://h }\n${preset}`).length, 1);
  assert.deepEqual(problemsOf(`mounts: { /legacy: zk://h }\n${preset}`), []);
});
