import assert from "node:assert/strict";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { Fault } from "../../lib/base/fault.ts";
import { throwAwayFolder } from "../support/process.ts";
import { makeCertificates } from "./certificates.ts";
import { isFault, opening, reading } from "./keyspace.ts";
import { startZookeeper } from "./zookeeper.ts";

const longMs = 60_000;

const whole = { after } as Pick<TestContext, "after">;
const authority = await makeCertificates(await throwAwayFolder(whole), ["127.0.0.1"]);
const { client } = authority;
const { secureEndpoint, url: plainUrl } = await startZookeeper(whole, { tls: authority });

test("entries are written and read over TLS, with authentication and below a folder", async (t) => {
  const keyspace = await opening(t, { url: `zks://app:secret@${secureEndpoint}/tls`, ...client });
  assert.equal(keyspace.url, `zks://${secureEndpoint}/tls`);
  const session = await keyspace.open(longMs, t.signal);
  await session.put("/web/a", "1", t.signal);
  const plain = await opening(t, plainUrl);
  const [whole, part] = [reading(plain, "/tls/web"), reading(keyspace, "/web")];
  const [seen, own] = [(await whole.next()).value, (await part.next()).value];
  assert.deepEqual(seen?.kind === "reset" && [...seen.entries.keys()], ["/tls/web/a"]);
  assert.deepEqual(own?.kind === "reset" && [...own.entries.keys()], ["/web/a"]);
  const intruder = await plain.open(longMs, t.signal);
  await assert.rejects(
    intruder.put("/tls/web/a", "2", t.signal),
    isFault("KEYSPACE_PERMISSION_DENIED"),
  );
  await session.close();
  const gone = (await part.next()).value;
  assert.deepEqual(gone?.kind === "delta" && gone.gone, ["/web/a"]);
  for (const batches of [whole, part]) await batches.return?.();
  await intruder.close();
});

test("certificates are read for each connection, so that a broken one can be replaced", async (t) => {
  const folder = await throwAwayFolder(t);
  for (const name of ["ca", "cert", "key"] as const) {
    const mine = join(folder, name);
    const access = { ...client, [name]: mine };
    const keyspace = await opening(t, { url: `zks://${secureEndpoint}`, ...access });
    const first = () => reading(keyspace, "/web").next();
    await assert.rejects(first(), isFault("KEYSPACE_CREDENTIALS_UNREADABLE"));
    await writeFile(mine, "not PEM");
    await assert.rejects(first(), isFault("KEYSPACE_CERTIFICATES_INVALID"));
    await copyFile(client[name], mine);
    assert.equal((await first()).value?.kind, "reset");
  }
});

const untrusted = [
  ["an unknown authority", { cert: client.cert, key: client.key }, /certificate/],
  ["no client certificate", { ca: client.ca }, /certificate/],
] as const;

for (const [what, access, cause] of untrusted) {
  test(`${what}: the keyspace is unreachable, and the fault has the cause`, async (t) => {
    const keyspace = await opening(t, { url: `zks://${secureEndpoint}`, ...access });
    await assert.rejects(keyspace.open(longMs, t.signal), (error) => {
      assert.ok(error instanceof Fault && error.cause instanceof Error);
      assert.match(error.cause.message, cause);
      return isFault("KEYSPACE_UNREACHABLE")(error);
    });
  });
}

test("a server may be given by its address or its name, without a warning", async (t) => {
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on("warning", warned);
  t.after(() => process.off("warning", warned));
  for (const endpoint of [secureEndpoint, secureEndpoint.replace("127.0.0.1", "localhost")]) {
    const keyspace = await opening(t, { url: `zks://${endpoint}`, ...client });
    await (await keyspace.open(longMs, t.signal)).close();
  }
  assert.deepEqual(warnings, []);
});

test("a keyspace is unreachable if only one of client and server uses TLS", async (t) => {
  for (const url of [`zk://${secureEndpoint}`, plainUrl.replace("zk:", "zks:")]) {
    const keyspace = await opening(t, url);
    await assert.rejects(keyspace.open(longMs, t.signal), isFault("KEYSPACE_UNREACHABLE"));
  }
});
