import assert from "node:assert/strict";
import { test } from "node:test";
import { configurationReference } from "../../docs/generate/configuration-page.ts";
import type { Shape } from "../../lib/config/located/shape.ts";

test("the reference has a table for each object and each of its kinds", () => {
  const shape: Shape = {
    type: "object",
    required: ["checks"],
    properties: {
      ttl: { type: "string", pattern: "^\\d+(ms|s|m|h)$", default: "1s", description: "How|long." },
      checks: {
        type: "array",
        items: {
          oneOf: [
            { type: "object", properties: { type: { const: "a" }, n: { type: "integer" } } },
            { type: "object", properties: { type: { const: "b" } }, description: "The second." },
          ],
        },
      },
    },
  };
  assert.equal(
    configurationReference(shape),
    `## Top level

| key      | type            | default  |            |
| -------- | --------------- | -------- | ---------- |
| \`ttl\`    | duration        | \`1s\`     | How\\|long. |
| \`checks\` | list of objects | required |            |

## \`checks[]\` of type \`a\`

| key    | type    | default |     |
| ------ | ------- | ------- | --- |
| \`type\` | \`a\`     |         |     |
| \`n\`    | integer |         |     |

## \`checks[]\` of type \`b\`

The second.

| key    | type | default |     |
| ------ | ---- | ------- | --- |
| \`type\` | \`b\`  |         |     |`,
  );
});
