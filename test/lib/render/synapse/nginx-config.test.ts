import assert from "node:assert/strict";
import { test } from "node:test";
import { fileOutput } from "../../../../lib/render/synapse/file-output.ts";
import { nginxConfig } from "../../../../lib/render/synapse/nginx-config.ts";
import { nginxCases, nginxHead, nginxService, nginxSettings } from "./nginx-cases.ts";
import { server, servers } from "./settings.ts";

for (const { name, settings, servers: found, text } of nginxCases) {
  test(`nginx.conf: ${name}`, () => {
    const made = nginxConfig(settings, new Map(Object.entries(found)));
    assert.equal(made.text, `${nginxHead}${text}`);
    assert.deepEqual(made.omitted, []);
  });
}

test("nginx.conf: a tcp service is in the block stream", () => {
  const services = [nginxService({ name: "db", mode: "tcp", port: 5432, upstreamName: "db" })];
  const { text } = nginxConfig(nginxSettings({ services }), new Map([["db", servers("a")]]));
  assert.equal(
    text,
    `${nginxHead}
stream {
	server {
		listen localhost:5432 ;
		proxy_pass db;
	}
	upstream db {
		server 10.0.0.1:8080;
	}
}
`,
  );
});

test("nginx.conf: a server whose host cannot stand in the file is left out and named", () => {
  const found = new Map([["web", [server({ host: "a;b" }), ...servers("b")]]]);
  const { text, omitted } = nginxConfig(nginxSettings(), found);
  assert.match(text, /upstream web \{\n\t\tserver 10\.0\.0\.2:8080;\n\t\}/);
  const why = 'its host is "a;b": expected a host name or an IP address';
  assert.deepEqual(omitted, [{ subject: "web/a_a;b:8080", why, isPartial: false }]);
});

test("file_output: the servers of a service as JSON, with Nerve's keys in Nerve's order", () => {
  const text = fileOutput([
    server({ weight: 3, options: "backup", labels: { az: "1" }, number: 12 }),
    { host: "10.0.0.2", port: 80 },
  ]);
  assert.equal(
    text,
    '[{"host":"10.0.0.1","port":8080,"name":"a","weight":3,"haproxy_server_options":"backup","labels":{"az":"1"},"id":12},{"host":"10.0.0.2","port":80}]',
  );
});
