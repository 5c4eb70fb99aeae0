import assert from "node:assert/strict";
import { test } from "node:test";
import { logOverwritten } from "../../../agents/watch/observed-log.ts";
import { RecordingLog } from "../../support/recording-log.ts";

test("what another program has changed is logged once, whether it was observed or only found when it was replaced", () => {
  const log = new RecordingLog();
  const why = "/etc/a was changed by another program";
  logOverwritten([{ target: "/etc/a", state: "out of sync", why }], ["/etc/a", "/etc/b"], log);
  assert.deepEqual(
    log.lines.map(({ message }) => message),
    [
      `/etc/a written again; before, ${why}`,
      "/etc/b written again; before, /etc/b was changed by another program",
    ],
  );
});
