import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { withEncoded } from "../../../lib/base/encoded.ts";

const texts = ["", "short é", "a".repeat(100_000), "é€😀\ud83d".repeat(50_000), "b".repeat(70_000)];

test("the bytes of a text are valid while it is worked on, whatever other texts are encoded meanwhile", async () => {
  const all = [...texts, ...texts.toReversed()].map((text) =>
    withEncoded(text, async (bytes) => {
      await nextTurn();
      assert.ok(Buffer.from(text).equals(bytes), `${text.length}`);
      return bytes.length;
    }),
  );
  const lengths = texts.map((text) => Buffer.byteLength(text));
  assert.deepEqual(await Promise.all(all), [...lengths, ...lengths.toReversed()]);
});

test("long texts take the same memory one after the other, also after one that failed", async () => {
  const memoryOf = (text: string) => withEncoded(text, async ({ buffer }) => buffer);
  const memory = await memoryOf("a".repeat(200_000));
  await assert.rejects(withEncoded("b".repeat(100_000), () => Promise.reject(new Error("full"))));
  assert.equal(await memoryOf("c".repeat(150_000)), memory);
  assert.notEqual(await memoryOf("d"), memory);
});
