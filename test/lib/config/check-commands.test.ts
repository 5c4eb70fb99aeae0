import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "./problems-of.ts";

const rest =
  "which stands for the file with the new text: the command would check something else, and approve any text";

const commands: readonly (readonly [check: string, problem: string])[] = [
  ["[nginx, -t]", `sidekick.yaml:1:53: watch.templates[0].check has no {candidate}, ${rest}`],
  [
    "{ run: [nginx, -t], timeout: 1s }",
    `sidekick.yaml:1:60: watch.templates[0].check.run has no {candidate}, ${rest}`,
  ],
  [
    '[nginx, -t, -c, "{target}"]',
    "sidekick.yaml:1:69: watch.templates[0].check[3]: {target} is not replaced, and the target is still the previous file: write {candidate}",
  ],
  [
    '["nginx -t -c {{ .src }}"]',
    "sidekick.yaml:1:54: watch.templates[0].check[0]: {{ .src }} is confd's, and is not replaced: write {candidate}",
  ],
];

for (const [check, problem] of commands) {
  test(`a check command that does not check the new text is refused: ${check}`, () => {
    const text = `watch: { templates: [{ source: a, target: b, check: ${check} }] }`;
    assert.deepEqual(problemsOf(text), [problem]);
  });
}

test("a candidate within an argument is enough", () => {
  const text =
    'watch: { templates: [{ source: a, target: b, check: [sh, -c, "nginx -t -c {candidate}"] }] }';
  assert.deepEqual(problemsOf(text), []);
});
