import assert from "node:assert/strict";
import { test } from "node:test";
import { socketFolder, socketName, socketsOf } from "../../../lib/status/paths.ts";

const place = (env: Record<string, string>, uid: number | undefined = 1000) => ({
  env,
  uid,
  temporary: "/tmp",
});

test("the folder is that of the unit, of root, of the session, or one among temporary files", () => {
  const session = { XDG_RUNTIME_DIR: "/run/user/1000" };
  assert.equal(socketFolder(place({ ...session, RUNTIME_DIRECTORY: "/run/a:/run/b" })), "/run/a");
  assert.equal(socketFolder(place(session, 0)), "/run/sidekick");
  assert.equal(socketFolder(place(session)), "/run/user/1000/sidekick");
  assert.equal(socketFolder(place({})), "/tmp/sidekick-1000");
});

test("no two configurations have one name, and neither do the two agents of one", () => {
  const name = socketName(["/etc/sidekick.yaml"], "any");
  assert.match(name, /^sidekick-[0-9a-f]{8}\.sock$/);
  assert.equal(socketName(["/etc/x/../sidekick.yaml"], "any"), name);
  assert.equal(socketName(["/etc/sidekick.yaml"], "watch"), name.replace(".sock", ".watch.sock"));
  const others = [["/srv/sidekick.yaml"], ["/etc/sidekick.yaml", "/etc/more.yaml"]];
  for (const files of others) assert.notEqual(socketName(files, "any"), name);
  assert.ok(socketName([`/etc/${"long".repeat(40)}.yaml`], "presence").length < 50);
});

test("a configuration selects the sockets that its agents of this user and of root would have", () => {
  const files = ["/etc/sidekick.yaml"];
  const [any, presence, watch] = (["any", "presence", "watch"] as const).map((section) =>
    socketName(files, section),
  );
  assert.deepEqual(socketsOf(files, place({})), [
    ...[any, presence, watch].map((name) => `/tmp/sidekick-1000/${name}`),
    ...[any, presence, watch].map((name) => `/run/sidekick/${name}`),
  ]);
});
