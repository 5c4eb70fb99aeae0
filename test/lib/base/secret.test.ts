import assert from "node:assert/strict";
import { test } from "node:test";
import { excerptOf, hideSecrets, isSecretName } from "../../../lib/base/secret.ts";

test("names of secrets are known in any notation, and others are not taken for them", () => {
  const secret = [
    "/app/db/password",
    "/app/db/passwd2",
    "DB_PASSWORD",
    "dbPassphrase",
    "/auth",
    "/app/auth/web",
    "tls.key",
    "server-key",
    "signingKey",
    "/keys/1",
    "api_key",
    "SIDEKICK_TOKEN",
    "credentials",
    "Authorization",
    "/app/pwd",
    "client_secret",
  ];
  const other = [
    "/services/web/1",
    "keyspace",
    "author",
    "authored",
    "key-value",
    "monkey",
    "compass",
  ];
  assert.deepEqual(
    secret.filter((name) => !isSecretName(name)),
    [],
  );
  assert.deepEqual(other.filter(isSecretName), []);
});

test("an excerpt has no secret and no login", () => {
  assert.equal(excerptOf("/app/password", "hunter2"), "(hidden)");
  assert.equal(excerptOf("/app/url", "http://bob:pw@a:80/x"), '"http://…@a:80/x"');
  assert.equal(excerptOf("/app/a", { url: "http://bob:p/w@a" }), '{"url":"http://…@a"}');
});

test("secrets that a program quotes are hidden, in whole and in the parts that it makes of them", () => {
  const hide = (text: string) => hideSecrets(text, ["hunter2 x;correct horse", "", "abc"]);
  assert.equal(hide('unknown directive "hunter2" in a:3'), 'unknown directive "(hidden)" in a:3');
  assert.equal(hide("'correct' and hunter2 x;correct horse"), "'(hidden)' and (hidden)");
  assert.equal(hide("abc, abcd and x"), "(hidden), abcd and x");
  assert.equal(hide("nothing of it"), "nothing of it");
});
