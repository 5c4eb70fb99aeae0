import assert from "node:assert/strict";
import { test } from "node:test";
import { Frames } from "../../../../lib/keyspace/zookeeper/frames.ts";

function frame(text: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeInt32BE(text.length);
  return Buffer.concat([head, Buffer.from(text)]);
}

const texts = ["one", "", "two", "x".repeat(300)];
const stream = Buffer.concat(texts.map(frame));

for (const size of [1, 2, 3, 5, 7, 64, stream.length]) {
  test(`frames are found in chunks of ${size} bytes`, () => {
    const frames = new Frames();
    const found: string[] = [];
    for (let at = 0; at < stream.length; at += size) {
      for (const whole of frames.take(stream.subarray(at, at + size))) {
        assert.equal(whole.readInt32BE(0), whole.length - 4);
        found.push(whole.subarray(4).toString());
      }
    }
    assert.deepEqual(found, texts);
  });
}
