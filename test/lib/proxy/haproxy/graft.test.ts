import assert from "node:assert/strict";
import { test } from "node:test";
import { graft } from "../../../../lib/proxy/haproxy/graft.ts";
import { plan } from "../../../../lib/proxy/haproxy/plan.ts";

const running = `defaults
  mode http
frontend it
  bind 10.0.0.1:8080
  default_backend web
backend web
  # the servers
  server a 10.0.0.1:80 check # the first
  server b 10.0.0.2:80 check
  server c 10.0.0.3:80 check

backend empty
  balance leastconn

backend gone
  server g 10.0.0.7:80
`;

const desired = `defaults
  mode http
frontend it
  bind 10.0.0.1:8080
  maxconn 100
  default_backend web
backend web
  balance leastconn
  server d 10.0.0.4:80 check
  server a 10.0.0.1:80 check weight 0
  server b 10.0.0.2:80 check maxconn 5
  server e 10.0.0.5:80 check
backend empty
  balance leastconn
  server f 10.0.0.6:80
backend fresh
  server n 10.0.0.8:80
`;

const kindOf = (loaded: string, text: string) =>
  plan({ files: [{ target: "it", loaded, desired: text }] });

test("the servers of the desired text stand in the running one, which then needs no reload", () => {
  const grafted = graft(running, desired);
  assert.equal(
    grafted,
    `defaults
  mode http
frontend it
  bind 10.0.0.1:8080
  default_backend web
backend web
  # the servers
  server d 10.0.0.4:80 check
  server a 10.0.0.1:80 check weight 0
  server b 10.0.0.2:80 check
  server e 10.0.0.5:80 check

backend empty
  balance leastconn
  server f 10.0.0.6:80

backend gone
  server g 10.0.0.7:80
`,
  );
  assert.equal(kindOf(running, desired).kind, "reload");
  assert.equal(kindOf(running, grafted).kind, "adjust");
  assert.equal(graft(grafted, desired), grafted, "it has them already");
});

test("a server with other options that is to be drained keeps its options and gets weight 0", () => {
  const drained = desired.replace("check maxconn 5", "check maxconn 5 weight 0");
  assert.match(graft(running, drained), /server b 10\.0\.0\.2:80 check weight 0\n/);
});

test("sections that cannot be changed at run time stay as they are", () => {
  const fixed = running.replace("  # the servers\n", "  cookie SRV insert\n");
  assert.equal(graft(fixed, desired.replace("backend empty", "backend other")), fixed);
});
