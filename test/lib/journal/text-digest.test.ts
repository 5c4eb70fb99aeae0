import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { TextDigest } from "../../../lib/journal/text-digest.ts";
import { seeded } from "../../support/random.ts";

const part = 32 * 1024;

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The digests of texts that a file has one after the other are those of each by itself. */
function checkAll(texts: readonly string[]): void {
  const digest = new TextDigest();
  for (const text of texts) assert.equal(digest.of(text), sha256(text), `${text.length}`);
}

test("the digest of a text is its SHA-256, whatever text came before", () => {
  const random = seeded(1);
  const base = Array.from({ length: 60_000 }, (_, i) => `server ${i}\n`).join("");
  const edited = Array.from({ length: 30 }, () => {
    const at = Math.floor(random() * base.length);
    return [base.slice(0, at) + base.slice(at + 100), `${base.slice(0, at)}é${base.slice(at)}`];
  });
  checkAll([base, ...edited.flat(), "short", base, "", base]);
});

test("texts that end, or differ, where a part ends", () => {
  const text = "ab".repeat(2 * part);
  const lengths = [2 * part, part, part + 1, part - 1, 3 * part, 2 * part + 1];
  const texts = lengths.map((length) => text.slice(0, length));
  checkAll([text, ...texts, ...texts.map((one) => `${one}x`), text]);
});

test("a character of two units is not torn where a part ends, nor after halves of others", () => {
  const after = ["😀", "\ud83d😀", "\ud83d\ud83d😀", "\ude00😀", "\ud83d"];
  for (const before of [part - 2, part - 1, part]) {
    checkAll(after.map((one) => `${"a".repeat(before)}${one}${"b".repeat(part)}`));
  }
});
