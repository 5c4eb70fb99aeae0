import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { decode } from "../../../lib/model/decode.ts";
import { sealed, sealOf, unsealed } from "../../../lib/model/seal.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { isSameButStamp, stamped, stampOf, withoutStamp } from "../../../lib/model/stamp.ts";
import { Signer } from "../../../lib/presence/signer.ts";
import { unlimited } from "../../../lib/view/limits.ts";
import { allQuarantined, emptyPools, pools } from "../../../lib/view/pools.ts";
import type { TrustRules } from "../../../lib/view/trust/contract.ts";
import { isPublicKey } from "../../../lib/view/trust/public-key.ts";
import { Trust } from "../../../lib/view/trust/trust.ts";
import { Views } from "../../../lib/view/views.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingLog } from "../../support/recording-log.ts";

const [pay, web] = [generateKeyPairSync("ed25519"), generateKeyPairSync("ed25519")];
const pem = (key: KeyObject) => String(key.export({ type: "spki", format: "pem" }));
const base64 = (key: KeyObject) => pem(key).split("\n")[1] ?? "";

const nowMs = Date.parse("2026-11-27T12:00:00Z");
const hour = 3_600_000;

const signerOf = (keyName: string, key: KeyObject, atMs = nowMs) =>
  new Signer({ keyFile: "", keyName, validityMs: 48 * hour }, key, () => atMs);
const payments = signerOf("pay-1", pay.privateKey);

function rules(): TrustRules {
  const keys = {
    "pay-1": { public: pem(pay.publicKey), services: ["pay*"], hosts: ["10.2.0.0/16"] },
    "web-1": { public: base64(web.publicKey), services: ["web"] },
  };
  return { services: {}, keys, mounted: ["/legacy"], otherwise: "accept" };
}

function trustAt(ms: number): Trust {
  return new Trust(rules(), () => ms);
}

function viewsAt(trust: TrustRules, now: () => number): Views {
  const all = { maxLoss: 0.5, min: 0, retainMs: 30_000, keepEmpty: false };
  const guard = { all, services: {} };
  const settings = { services: "/services", limits: unlimited, guard, trust };
  return new Views(settings, new ManualClock(), new RecordingLog(), undefined, now);
}

function snapshotOf(values: Readonly<Record<string, string>>): Snapshot {
  const entries = Object.entries(values).map(
    ([key, value]) => [key, { key, value, revision: "1" }] as const,
  );
  return Snapshot.empty.after({ kind: "reset", revision: "1", entries: new Map(entries) });
}

const value = (host: string, port = 80) => JSON.stringify({ host, port });

/** The reason of each entry, by key; undefined for one that is served. */
function judged(entries: Readonly<Record<string, string>>, trust = trustAt(nowMs)) {
  const found = pools(emptyPools("/services", undefined, trust), snapshotOf(entries));
  const reasons = new Map(allQuarantined(found).map(({ key, why }) => [key, why]));
  return Object.keys(entries).map((key) => reasons.get(key));
}

test("a signature is the last member of a value, and readers ignore it", () => {
  const key = "/services/payments/a";
  const plain = stamped(value("10.2.0.1"), 17);
  const signed = payments.sign(key, plain);
  assert.match(
    signed,
    /^\{"host":"10\.2\.0\.1","port":80,"at":17,"not-after":1795953600000,"sig":"pay-1:[\w-]{86}"\}$/,
  );
  assert.equal(unsealed(signed), plain);
  assert.equal(sealOf(signed)?.text, `${plain.slice(0, -1)},"not-after":1795953600000}`);
  assert.deepEqual([sealOf(plain), unsealed(plain)], [undefined, plain]);
  assert.equal(stampOf(signed), 17);
  assert.equal(withoutStamp(signed), value("10.2.0.1"));
  assert.ok(isSameButStamp(signed, value("10.2.0.1")));
  const read = (value: string) =>
    decode({ service: "payments", id: "a" }, { key, value, revision: "1" });
  assert.deepEqual(read(signed), read(plain));
  // Ed25519 gives the same bytes for the same text.
  assert.equal(payments.sign(key, plain), signed);
});

test("only what a trusted key has signed for this key and these addresses is served", () => {
  const at = (id: string) => `/services/payments/${id}`;
  const genuine = payments.sign(at("a"), value("10.2.0.1"));
  const unknown = sealed(at("h"), value("10.2.0.1"), {
    keyName: "evil",
    notAfterMs: nowMs + hour,
    sign: () => Buffer.alloc(64),
  });
  const reasons = judged({
    [at("a")]: genuine,
    [at("b")]: genuine,
    [at("c")]: genuine.replace("10.2.0.1", "10.2.9.9"),
    [at("d")]: genuine.replace(":80", ":81"),
    [at("e")]: value("10.2.0.1"),
    [at("f")]: payments.sign(at("f"), value("10.9.9.9")),
    [at("g")]: signerOf("web-1", web.privateKey).sign(at("g"), value("10.2.0.1")),
    [at("h")]: unknown,
    [at("i")]: signerOf("pay-1", web.privateKey).sign(at("i"), value("10.2.0.1")),
    [at("j")]: signerOf("pay-1", pay.privateKey, nowMs - 48 * hour).sign(
      at("j"),
      value("10.2.0.1"),
    ),
    [at("k")]: genuine.replace(/"not-after":\d+/, '"not-after":1895953600000'),
    [at("l")]: `${genuine} `,
    [at("m")]: `{"host":"10.9.9.9",${genuine.slice(1)}`,
    "/services/other/a": value("10.9.9.9"),
    "/services/web/a": signerOf("web-1", web.privateKey).sign("/services/web/a", value("1.2.3.4")),
  });
  const forged = "not trusted: its signature by pay-1 does not fit its key and value";
  const missing =
    "not trusted: it is not signed, as entries of payments have to be (watch.trust.keys)";
  assert.deepEqual(reasons, [
    undefined,
    forged,
    forged,
    forged,
    missing,
    "not trusted: 10.9.9.9 is not within 10.2.0.0/16 (watch.trust.keys.pay-1.hosts)",
    "not trusted: the key web-1 is not for payments (watch.trust.keys.web-1.services)",
    "not trusted: it is signed with evil, which is no key of watch.trust.keys",
    forged,
    "not trusted: its signature by pay-1 has ended at 2026-11-27T12:00:00.000Z",
    forged,
    missing,
    forged,
    undefined,
    undefined,
  ]);
});

test("an entry of a mounted keyspace is signed with its key there", () => {
  const trust = trustAt(nowMs);
  const key = "/legacy/services/payments/a";
  const at = (signedKey: string) => ({
    key,
    value: payments.sign(signedKey, value("10.2.0.1")),
    revision: "1",
  });
  const decoded = decode({ service: "payments", id: "a" }, at(key));
  assert.ok("endpoint" in decoded);
  assert.equal(trust.refuses(decoded.endpoint, at("/services/payments/a")), undefined);
  assert.match(trust.refuses(decoded.endpoint, at(key)) ?? "", /does not fit/);
});

test("a key is in PEM, or its line of base64, and of Ed25519", () => {
  const other = generateKeyPairSync("x25519").publicKey;
  const texts = [pem(pay.publicKey), base64(pay.publicKey), pem(other), "abc", ""];
  assert.deepEqual(texts.map(isPublicKey), [true, true, false, false, false]);
});

test("an entry is quarantined once its signature has ended, although nothing has changed, and verified once", () => {
  const ends = nowMs + 48 * hour;
  const clock = { ms: nowMs };
  const trust = { ...rules(), mounted: [] };
  const views = viewsAt(trust, () => clock.ms);
  const entries = {
    "/services/payments/a": payments.sign("/services/payments/a", value("10.2.0.1")),
    "/services/payments/b": signerOf("pay-1", pay.privateKey, nowMs + hour).sign(
      "/services/payments/b",
      value("10.2.0.2"),
    ),
  };
  const snapshot = snapshotOf(entries);
  const served = () =>
    views
      .of(snapshot)
      .byName.get("payments")
      ?.instances.map(({ id }) => id);
  assert.deepEqual(served(), ["a", "b"]);
  assert.equal(views.trustEndsMs, ends);
  const before = views.of(snapshot);
  clock.ms = ends - 1;
  assert.equal(views.of(snapshot), before);
  clock.ms = ends;
  assert.deepEqual(served(), ["b"]);
  assert.match(views.quarantined[0]?.why ?? "", /has ended at 2026-11-29T12:00:00.000Z/);
  assert.equal(views.trustEndsMs, ends + hour);
});
