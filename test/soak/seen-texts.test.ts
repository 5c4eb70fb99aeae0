import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { noCause } from "../../lib/journal/cause.ts";
import type { Generation, JournalReader } from "../../lib/journal/contract.ts";
import { SeenTexts } from "./seen-texts.ts";

/** A generation of a file with a text. */
function generation(text: string, more: Partial<Generation>): Generation {
  const sha256 = createHash("sha256").update(text).digest("hex");
  const made = { n: 1, at: "", group: "out", revision: "1", stages: { began: 0, ended: 1 } };
  return { ...made, how: "written", files: [{ target: "/out", sha256 }], cause: noCause, ...more };
}

test("the soak finds a text that no generation has applied, and one without a cause", async () => {
  const cause = { ...noCause, reasons: ["start"] } as const;
  const generations = [
    generation("started", { cause }),
    generation("without", {}),
    generation("refused", { cause, how: "refused" }),
  ];
  const journal = { history: async () => ({ generations }) } as unknown as JournalReader;
  const watched = { name: "f1", file: "/out", journal };
  const seen = new SeenTexts();
  for (const text of ["", "started", "without", "refused", "unknown"]) seen.add(watched, text);
  assert.equal(seen.size, 4);
  const found = await seen.unexplained([watched]);
  assert.deepEqual(
    found.map((sentence) => sentence.replace(/ of \/out \(.*\)/, "")),
    [
      "text 2 of 4 has no cause",
      "text 3 of 4 is in no generation that was applied",
      "text 4 of 4 is in no generation that was applied",
    ],
  );
});
