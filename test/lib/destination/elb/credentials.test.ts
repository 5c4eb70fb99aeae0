import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { never } from "../../../../lib/base/signal.ts";
import { role, userKey } from "../../../stand-in/aws.ts";
import { throwAwayFolder } from "../../../support/process.ts";
import { errorBody, scene, wanted } from "./scene.ts";

const name = "lb";
const a = wanted("web/a");
const region = { AWS_REGION: "us-west-2" };
const config = { name, instanceId: "i-315b7e51" };
const hour = 3_600_000;

/** The id of the key that a request was signed with. */
const keyOf = (rawHeaders: readonly string[] = []) =>
  /Credential=([^/]+)/.exec(rawHeaders.join("\n"))?.[1];

const sourceOf = (described: readonly string[]) =>
  described.find((part) => part.startsWith("credentials: "));

async function file(t: TestContext, text: string): Promise<string> {
  const path = join(await throwAwayFolder(t), "secret");
  await writeFile(path, text);
  return path;
}

test("the key of the configuration comes first; its secret may be in a file", async (t) => {
  const { aws, open } = await scene(t);
  aws.addLoadBalancer(name);
  const env = { ...region, AWS_ACCESS_KEY_ID: "AKIAOTHER", AWS_SECRET_ACCESS_KEY: "x" };
  const given = { ...config, accessKeyId: userKey.id };
  const plain = await open({ elb: { ...given, secretAccessKey: userKey.secret } }, env);
  await plain.register([a], never);
  const path = await file(t, `${userKey.secret}\n`);
  const inFile = await open({ elb: { ...given, secretAccessKeyFile: path } }, env);
  await inFile.register([a], never);
  assert.equal(sourceOf(inFile.describe()), "credentials: accessKeyId of the configuration");
  const missing = await open({ elb: { ...given, secretAccessKeyFile: `${path}x` } }, env);
  await assert.rejects(missing.register([a], never), {
    code: "DESTINATION_ACCESS_DENIED",
    message: /^elb\/lb: not permitted to read .*secretx \(ENOENT.*make it readable for the agent$/,
  });
});

test("the variables of old programs work, those of AWS come before them", async (t) => {
  const { aws, open } = await scene(t);
  aws.addLoadBalancer(name);
  const old = { ...region, AWS_ACCESS_KEY: userKey.id, AWS_SECRET_KEY: userKey.secret };
  const elb = await open({ elb: config }, old);
  await elb.register([a], never);
  assert.equal(sourceOf(elb.describe()), "credentials: the environment (AWS_ACCESS_KEY)");
  aws.keys.add({ id: "ASIA1", secret: "s", token: "t" });
  const session = {
    AWS_ACCESS_KEY_ID: "ASIA1",
    AWS_SECRET_ACCESS_KEY: "s",
    AWS_SESSION_TOKEN: "t",
  };
  const newer = await open({ elb: config }, { ...old, ...session });
  await newer.register([a], never);
  assert.equal(keyOf(aws.requests.at(-1)?.rawHeaders), "ASIA1");
});

test("without credentials the fault has the reason of each source", async (t) => {
  const { aws, open } = await scene(t);
  aws.metadata.role = undefined;
  const elb = await open({ elb: config }, { ...region, AWS_ACCESS_KEY_ID: "AKIA" });
  await assert.rejects(elb.register([a], never), {
    code: "DESTINATION_ACCESS_DENIED",
    message:
      "elb/lb: not permitted to sign requests (no credentials: the configuration has no accessKeyId; AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY; AWS_ACCESS_KEY is not set; AWS_WEB_IDENTITY_TOKEN_FILE is not set; neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor …_FULL_URI is set; the machine has no instance role): set accessKeyId, the environment, or a role of the container or the machine",
  });
  assert.deepEqual(aws.requests, []);
});

test("a web identity is exchanged for the key of its role, with the token that the file has by then", async (t) => {
  const { aws, open, advance } = await scene(t);
  aws.addLoadBalancer(name);
  const path = await file(t, `${role.webToken}\n`);
  const env = { ...region, AWS_ROLE_ARN: role.arn, AWS_WEB_IDENTITY_TOKEN_FILE: path };
  const elb = await open({ elb: config }, env);
  await elb.register([a], never);
  assert.equal(sourceOf(elb.describe()), `credentials: the role ${role.arn}`);
  const [exchange] = aws.requests;
  assert.equal(exchange?.action, "AssumeRoleWithWebIdentity");
  assert.equal(keyOf(exchange?.rawHeaders), undefined);

  await writeFile(path, "another.token.here");
  await advance(6 * hour);
  aws.answerNext(400, errorBody("InvalidIdentityToken", "another.token.here is not valid"));
  await assert.rejects(elb.observe([a], never), (error: Error) => {
    assert.match(error.message, /InvalidIdentityToken: .*its trust policy and the token in/);
    assert.doesNotMatch(error.message, /another\.token/);
    return true;
  });
  const wrong = await open({ elb: config }, { ...env, AWS_ROLE_ARN: "arn:aws:iam::1:role/x" });
  await assert.rejects(wrong.register([a], never), {
    message: /not permitted to AssumeRoleWithWebIdentity \(AccessDenied/,
  });
});

test("the agent of containers hands out keys, to callers with its token", async (t) => {
  const { aws, open } = await scene(t);
  aws.addLoadBalancer(name);
  aws.metadata.containerToken = "Bearer 1";
  const env = { ...region, AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.localUrl}/container` };
  const without = await open({ elb: config }, env);
  await assert.rejects(without.register([a], never), {
    message: /not permitted to use AWS_CONTAINER_CREDENTIALS_FULL_URI \(127.* status 401\): check/,
  });
  const path = await file(t, "Bearer 1\n");
  for (const token of [
    { AWS_CONTAINER_AUTHORIZATION_TOKEN: "Bearer 1" },
    { AWS_CONTAINER_AUTHORIZATION_TOKEN: "x", AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path },
  ]) {
    const elb = await open({ elb: config }, { ...env, ...token });
    await elb.register([a], never);
    const source = "credentials: the container role (AWS_CONTAINER_CREDENTIALS_FULL_URI)";
    assert.equal(sourceOf(elb.describe()), source);
  }
});

test("the token of a container is not sent to other machines without TLS", async (t) => {
  const { open } = await scene(t);
  for (const uri of ["http://192.0.2.1/x", "http://127.0.0.1.example.com/x", "nonsense"]) {
    const env = { ...region, AWS_CONTAINER_CREDENTIALS_FULL_URI: uri };
    const elb = await open({ elb: config }, env);
    await assert.rejects(elb.register([a], never), {
      code: "DESTINATION_ACCESS_DENIED",
      message: /is another machine|is not a URL/,
    });
  }
});

test("keys are renewed before they expire, once, and kept while their source fails", async (t) => {
  const { aws, open, advance, results } = await scene(t);
  aws.addLoadBalancer(name);
  const elb = await open({ elb: config }, region);
  const issued = () => aws.localRequests.filter((line) => line.endsWith("/web")).length;
  await elb.observe([a], never);
  await advance(5.8 * hour);
  await elb.observe([a], never);
  assert.equal(issued(), 1);
  await advance(0.11 * hour);
  aws.metadata.role = undefined;
  await elb.observe([a], never);
  const asked = aws.localRequests.length;
  await elb.observe([a], never);
  assert.equal(aws.localRequests.length, asked);
  assert.equal(issued(), 1);
  await advance(60_000);
  aws.metadata.role = role;
  await elb.observe([a], never);
  await elb.observe([a], never);
  assert.equal(issued(), 2);
  assert.deepEqual([...new Set(results)], ["ok"]);
  assert.ok(aws.requests.every(({ refusal }) => refusal === ""));
});

test("keys that expire before their time are renewed once within the call", async (t) => {
  const { aws, open } = await scene(t);
  aws.addLoadBalancer(name);
  const elb = await open({ elb: config }, region);
  await elb.register([a], never);
  aws.keys.expireAll();
  await elb.observe([a], never);
  const refusals = aws.requests.map(({ refusal }) => refusal);
  assert.deepEqual(refusals, ["", "ExpiredToken", ""]);
  aws.metadata.role = { ...role, lifeMs: 0 };
  aws.keys.expireAll();
  await assert.rejects(elb.observe([a], never), {
    code: "DESTINATION_ACCESS_DENIED",
    message: /the credentials have expired: renew the instance role web$/,
  });
  assert.equal(aws.requests.length, 5);
});

test("a key that AWS does not know is read anew for the next call", async (t) => {
  const { aws, open } = await scene(t);
  aws.addLoadBalancer(name);
  const elb = await open({ elb: config }, region);
  await elb.register([a], never);
  const first = keyOf(aws.requests.at(-1)?.rawHeaders);
  aws.answerNext(403, errorBody("InvalidClientTokenId", "The security token is invalid."));
  await assert.rejects(elb.observe([a], never), { code: "DESTINATION_ACCESS_DENIED" });
  await elb.observe([a], never);
  assert.notEqual(keyOf(aws.requests.at(-1)?.rawHeaders), first);
});

test("a metadata service whose token does not get here is named with the hop limit after a second", async (t) => {
  const { aws, open, clock } = await scene(t);
  aws.metadata.hops = 2;
  const elb = await open({ elb: { name } }, region);
  const registered = assert.rejects(elb.register([a], never), {
    code: "DESTINATION_MACHINE_UNKNOWN",
    message:
      /^elb\/lb needs the id of this machine, and it is not known: the metadata service: 127\.0\.0\.1:\d+ did not answer within 1s: if this is a container on EC2, .*--http-put-response-hop-limit 2\); instanceId or ELB_INSTANCE_ID sets it, too$/,
  });
  while (aws.localRequests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await clock.advance(1000);
  await registered;
});

test("a metadata service without tokens is asked without one; a token is replaced before it expires", async (t) => {
  const { aws, open, advance } = await scene(t);
  aws.addLoadBalancer(name);
  aws.metadata.tokens = "none";
  const plain = await open({ elb: { name } }, {});
  await plain.register([a], never);
  aws.metadata.tokens = "required";
  aws.localRequests.length = 0;
  const elb = await open({ elb: { name } }, {});
  await elb.register([a], never);
  await advance(5.95 * hour);
  await elb.observe([a], never);
  const puts = aws.localRequests.filter((line) => line.startsWith("PUT"));
  assert.equal(puts.length, 2);
});

test("a token that the metadata service does not know any more is replaced at once", async (t) => {
  const { aws, open } = await scene(t);
  aws.addLoadBalancer(name);
  const elb = await open({ elb: { name } }, {});
  aws.metadata.role = undefined;
  await assert.rejects(elb.register([a], never), { code: "DESTINATION_ACCESS_DENIED" });
  aws.metadata.issued.clear();
  aws.metadata.role = role;
  await elb.register([a], never);
});

test("a metadata service that is disabled is not asked", async (t) => {
  const { aws, open } = await scene(t);
  const elb = await open({ elb: { name } }, { AWS_EC2_METADATA_DISABLED: "TRUE" });
  await assert.rejects(elb.register([a], never), {
    message:
      /metadata service is disabled \(AWS_EC2_METADATA_DISABLED\); instanceId or ELB_INSTANCE_ID sets it, too$/,
  });
  const noRegion = { AWS_EC2_METADATA_DISABLED: "true" };
  const named = await open({ elb: config }, noRegion);
  await assert.rejects(named.register([a], never), {
    message:
      "elb/lb needs the region, and it is not known: neither AWS_REGION nor AWS_DEFAULT_REGION is set; the metadata service is disabled (AWS_EC2_METADATA_DISABLED); set region or AWS_REGION",
  });
  assert.deepEqual(aws.localRequests, []);
});
