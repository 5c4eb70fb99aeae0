import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { never } from "../../../../lib/base/signal.ts";
import { classic, endpointOf, v2 } from "../../../../lib/destination/elb/endpoint.ts";
import { proxyOf } from "../../../../lib/destination/elb/route.ts";
import { destinationSchema } from "../../../../lib/destination/kinds.ts";
import { listen } from "../../../support/listen.ts";
import { arn, scene, wanted, withKey } from "./scene.ts";

test("the endpoint is that of the configuration, the service, all services, or the region", () => {
  const at = (...args: Parameters<typeof endpointOf>) => String(endpointOf(...args));
  const [one, two] = [
    "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING",
    "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2",
  ];
  const env = { AWS_ENDPOINT_URL: "http://all/", [one]: "http://one/", [two]: "http://two/" };
  assert.equal(at(classic, "http://own", "us-west-2", env), "http://own/");
  assert.equal(at(classic, undefined, "us-west-2", env), "http://one/");
  assert.equal(at(v2, undefined, "us-west-2", env), "http://two/");
  assert.equal(at(v2, undefined, "us-west-2", { ...env, [two]: "" }), "http://all/");
  const region = "https://elasticloadbalancing.us-west-2.amazonaws.com/";
  assert.equal(at(classic, undefined, "us-west-2", {}), region);
  const china = "https://elasticloadbalancing.cn-north-1.amazonaws.com.cn/";
  assert.equal(at(v2, undefined, "cn-north-1", {}), china);
  assert.equal(at(v2, undefined, "x", { AWS_ENDPOINT_URL: "x" }), "AWS_ENDPOINT_URL is not a URL");
});

test("the proxy is that of the configuration, PROXY_HOST, or the variable of the scheme", () => {
  const [tls, plain] = [new URL("https://aws/"), new URL("http://aws/")];
  const seed = { PROXY_HOST: "10.0.0.1", PROXY_PORT: "8888", HTTPS_PROXY: "http://other:1" };
  const of = (...args: Parameters<typeof proxyOf>) => proxyOf(...args)?.proxy;
  assert.equal(of(tls, "none", seed), undefined);
  assert.equal(of(tls, "http://own:1", seed), "http://own:1");
  assert.equal(of(tls, undefined, seed), "http://10.0.0.1:8888");
  assert.equal(of(tls, undefined, { PROXY_HOST: "p" }), "http://p:3128");
  assert.equal(of(tls, undefined, { HTTPS_PROXY: "http://a:1" }), "http://a:1");
  assert.equal(of(tls, undefined, { https_proxy: "b:1", HTTPS_PROXY: "a" }), "http://b:1");
  assert.equal(of(tls, undefined, { HTTP_PROXY: "http://a:1" }), undefined);
  assert.equal(of(plain, undefined, { http_proxy: "http://a:1" }), "http://a:1");
  assert.equal(of(tls, undefined, {}), undefined);
});

test("requests go through the proxy, but for exceptions and for the metadata service", async (t) => {
  const { aws, open } = await scene(t);
  aws.addLoadBalancer("lb");
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(request.url ?? "");
    const { port, host } = new URL(request.url ?? "");
    const socket = connect(Number(port), "127.0.0.1", () => {
      const { method, headers } = request;
      const sent = { ...headers, host, connection: "close" };
      const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`${method} / HTTP/1.1\r\n${lines.join("")}\r\n`);
      request.pipe(socket);
    });
    socket.pipe(response.socket ?? socket);
  });
  const port = await listen(t, proxy);
  const env = { PROXY_HOST: "127.0.0.1", PROXY_PORT: String(port) };
  const elb = await open({ elb: { name: "lb" } }, env);
  await elb.register([wanted("web/a")], never);
  assert.deepEqual(seen, [`${aws.url}/`]);
  assert.ok(aws.localRequests.length > 0);
  const direct = await open({ elb: { name: "lb" } }, { ...env, NO_PROXY: "localhost,127.0.0.1" });
  await direct.register([wanted("web/a")], never);
  assert.equal(seen.length, 1);
  assert.equal(aws.requests.length, 2);
});

test("a proxy that is no URL is a fault", async (t) => {
  const { open } = await scene(t);
  const elb = await open({ elb: { name: "lb" } }, { ...withKey, PROXY_HOST: "a b" });
  await assert.rejects(elb.register([wanted("web/a")], never), {
    code: "DESTINATION_UNREACHABLE",
    message: /PROXY_HOST does not have the URL of an HTTP proxy/,
  });
});

const invalid: readonly (readonly [unknown, RegExp])[] = [
  [{}, /expected one of elb, consul, targetGroup/],
  [{ elb: { name: "a" }, targetGroup: { arn } }, /expected one of elb, consul, targetGroup/],
  [{ elb: { name: "a_b" } }, /expected the name of a load balancer/],
  [{ elb: { name: "a", region: "oregon" } }, /expected a region/],
  [{ elb: { name: "a", accessKeyId: "A" } }, /expected accessKeyId with one of/],
  [{ elb: { name: "a", secretAccessKey: "A" } }, /expected accessKeyId with one of/],
  [{ elb: { name: "a", instanceId: "web-1" } }, /expected the id of an EC2 instance/],
  [{ elb: { name: "a", endpoint: "localhost:1" } }, /expected the URL of an endpoint/],
  [{ elb: { name: "a", proxy: "socks://a" } }, /expected none or the URL of a proxy/],
  [{ targetGroup: { arn: "arn:aws:s3:::x" } }, /expected the ARN of a target group/],
  [{ targetGroup: { arn, id: "instance", availabilityZone: "all" } }, /only allowed with id/],
  [{ elb: { name: "a" }, services: [] }, /expected the name of a service/],
];

for (const [config, message] of invalid) {
  test(`a configuration is refused: ${JSON.stringify(config).slice(0, 70)}`, () => {
    const parsed = destinationSchema.safeParse(config);
    assert.match(parsed.error?.message ?? "", message);
  });
}
