import assert from "node:assert/strict";
import { test } from "node:test";
import { formatOf } from "../../../../lib/render/escape/format-of.ts";

test("the proxy of a file determines its format", () => {
  assert.equal(formatOf("/etc/nginx/nginx.conf", "haproxy"), "haproxy");
  assert.equal(formatOf("/etc/haproxy/list.json", "nginx"), "nginx");
});

test("without a haproxy or nginx proxy, the path of a file determines its format", () => {
  const formats = {
    "/etc/app/config.json": "json",
    "/etc/haproxy/errors.JSON": "json",
    "/etc/app/run.sh": "shell",
    "/etc/app/.env": "shell",
    "/etc/nginx/app.env": "shell",
    "/etc/haproxy/haproxy.cfg": "haproxy",
    "/etc/haproxy/web.map": "haproxy",
    "/etc/haproxy/haproxy.conf": "haproxy",
    "/etc/app/lb.cfg": "haproxy",
    "/etc/nginx/upstreams": "nginx",
    "/etc/app/app.conf": "nginx",
    "/etc/hosts": "plain",
    "/etc/app/config.yaml": "plain",
    "/etc/app/environment": "plain",
  };
  for (const [path, format] of Object.entries(formats)) {
    assert.equal(formatOf(path), format, path);
    assert.equal(formatOf(path, "command"), format, path);
  }
});
