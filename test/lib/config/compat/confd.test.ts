import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { Fault } from "../../../../lib/base/fault.ts";
import { loadConfd } from "../../../../lib/config/compat/confd/load.ts";
import { options } from "../../../../lib/config/compat/confd/options.ts";
import { parseGoFlags } from "../../../../lib/config/compat/go-flags.ts";
import { throwAwayFolder } from "../../../support/process.ts";

const resource = `[template]
src = "a.tmpl"
dest = "/etc/a"
keys = ["/a"]
`;

interface Files {
  readonly [path: string]: string;
}

/** Loads a folder of files with a command line, relative to that folder. */
async function scene(t: TestContext, files: Files = { "conf.d/a.toml": resource }) {
  const folder = await throwAwayFolder(t);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const resolveSrv = async (name: string) => {
    if (name === "_etcd._tcp.example.org.") return ["e1:2379", "e2:2379"];
    throw new Error("no such record");
  };
  const load = async (line: string, env: Record<string, string> = {}) => {
    const args = `-confdir ${folder} -config-file ${folder}/confd.toml ${line}`.trim().split(/ +/);
    return await loadConfd(parseGoFlags(args, options), { env, folder, resolveSrv });
  };
  const watch = async (line = "", env = {}) => {
    const { plan } = await load(line, env);
    assert.ok(plan.watch);
    return plan.watch;
  };
  const problems = async (line = "", env = {}) => {
    try {
      await load(line, env);
    } catch (error) {
      assert.ok(error instanceof Fault, String(error));
      return error.message.split("\n");
    }
    return [];
  };
  return { folder, load, watch, problems };
}

test("a resource is a Go template that sees its keys without their prefix, and a target", async (t) => {
  const { watch, folder } = await scene(t, {
    "conf.d/b/a.toml": `[template]
prefix = "production/"
Src = "nginx/a.tmpl"
dest = "/etc/nginx/nginx.conf"
keys = ["/web", "db/", "/"]
mode = "0640"
uid = 0
group = "adm"
check_cmd = "/usr/sbin/nginx -t -c {{ .src }} >{{.dest}}.log"
reload_cmd = "kill -HUP $(docker ps --format '{{.ID}}') # {{.dest}}"
min_reload_interval = "1m30s"
check_cmd_timeout = "5s"
`,
    "conf.d/plain.toml": '[template]\nsrc = "b"\ndest = "out"\n',
    "conf.d/README": "no resource",
  });
  const { templates } = await watch();
  assert.deepEqual(templates, [
    {
      name: join(folder, "templates/nginx/a.tmpl"),
      source: join(folder, "templates/nginx/a.tmpl"),
      language: "go",
      target: {
        path: "/etc/nginx/nginx.conf",
        mode: 0o640,
        owner: "0",
        group: "adm",
        check: {
          run: ["/bin/sh", "-c", "/usr/sbin/nginx -t -c {candidate} >/etc/nginx/nginx.conf.log"],
          timeout: 5000,
        },
      },
      prefixes: ["/production/web", "/production/db", "/production"],
      root: "/production",
      outside: "absent",
      format: "nginx",
      proxy: {
        type: "command",
        shell: "kill -HUP $(docker ps --format '{{.ID}}') # /etc/nginx/nginx.conf",
        minInterval: 90_000,
        timeout: 60_000,
        keepFiles: true,
      },
      isApart: true,
    },
    {
      name: join(folder, "templates/b"),
      source: join(folder, "templates/b"),
      language: "go",
      target: { path: join(folder, "out") },
      prefixes: ["/sidekick/none"],
      outside: "absent",
      format: "plain",
    },
  ]);
});

test("a global prefix takes the place of a resource's, and the fork joins both", async (t) => {
  const { watch } = await scene(t, { "conf.d/a.toml": `${resource}prefix = "/app"\n` });
  const keysOf = async (line: string) => {
    const [template] = (await watch(line)).templates;
    return [template?.root, ...(template?.prefixes ?? [])];
  };
  assert.deepEqual(await keysOf(""), ["/app", "/app/a"]);
  assert.deepEqual(await keysOf("-prefix production"), ["/production", "/production/a"]);
  assert.deepEqual(await keysOf("--prefix production etcd"), [
    "/production/app",
    "/production/app/a",
  ]);
});

test("sync-only leaves the commands out", async (t) => {
  const { watch } = await scene(t, {
    "conf.d/a.toml": `${resource}check_cmd = "false"\nreload_cmd = "false"\n`,
  });
  const [template] = (await watch("-sync-only")).templates;
  assert.deepEqual([template?.target, template?.proxy], [{ path: "/etc/a" }, undefined]);
});

test("the command line takes precedence over variables, and these over the file", async (t) => {
  const { load } = await scene(t, {
    "conf.d/a.toml": resource,
    "confd.toml": 'nodes = ["http://f:1"]\nlog-level = "debug"\nprefix = "/file"\nwatch = true\n',
  });
  const url = async (line: string, env = {}) => (await load(line, env)).plan.keyspace.url;
  assert.equal(await url(""), "etcd://f:1");
  assert.equal(await url("-node c:1 -node c:2"), "etcd://c:1,c:2");
  const root = async (line: string, env = {}) =>
    (await load(line, env)).plan.watch?.templates[0]?.root;
  assert.equal(await root("", { CONFD_PREFIX: "/env" }), "/env");
  assert.equal(await root("-prefix /line", { CONFD_PREFIX: "/env" }), "/line");
  const { plan, warnings } = await load("-prefix /line -log-level fatal -interval 10");
  assert.deepEqual([plan.log, plan.watch?.templates[0]?.root], ["error", "/line"]);
  assert.deepEqual(warnings, [
    "the option -prefix: takes precedence over confd.toml:3:10, which confd 0.16 would use",
    "the option -log-level: takes precedence over confd.toml:2:13, which confd 0.16 would use",
  ]);
});

const servers: readonly (readonly [line: string, url: string, env?: Record<string, string>])[] = [
  ["", "etcd://127.0.0.1:4001"],
  ["", "etcd://p:1,p:2", { ETCDCTL_PEERS: "http://p:1,http://p:2" }],
  ["-backend etcdv3", "etcd://127.0.0.1:2379"],
  ["-node https://e:1 -client-ca-keys ca.pem", "etcds://e:1"],
  ["-node e:1 -client-cert c.pem -client-key k.pem", "etcds://e:1"],
  ["-backend zookeeper", "zk://127.0.0.1:2181"],
  ["-backend consul", "consul://127.0.0.1:8500"],
  ["consul -node https://c1:8501", "consuls://c1:8501"],
  ["zookeeper -n z1:1 --node z2", "zk://z1:1,z2:2181"],
  ["-backend env", "env:"],
  ["-srv-domain example.org -node ignored:1", "etcd://e1:2379,e2:2379"],
  ["-srv-domain example.org -scheme https", "etcds://e1:2379,e2:2379"],
  ["-backend etcdv3 -srv-record _etcd._tcp.example.org.", "etcd://e1:2379,e2:2379"],
];

test("servers are found as confd finds them", async (t) => {
  const { load } = await scene(t);
  for (const [line, url, env] of servers) {
    assert.equal((await load(line, env)).plan.keyspace.url, url, line);
  }
  const { keyspace } = (
    await load("-basic-auth -username u -password p -client-ca-keys ca -node https://e:1")
  ).plan;
  assert.deepEqual([keyspace.access.user, keyspace.access.password], ["u", "p"]);
  assert.match(keyspace.access.ca ?? "", /\/ca$/);
  const without = (await load("-username u -password p")).plan.keyspace;
  assert.equal(without.access.user, undefined);
});

test("files are a keyspace, with a filter", async (t) => {
  const { load, folder } = await scene(t);
  const { keyspace, watch } = (await load("-backend file -file a.yaml -file /b -filter *.yml"))
    .plan;
  assert.deepEqual(keyspace.location, {
    kind: "yaml",
    paths: [join(folder, "a.yaml"), "/b"],
    filter: "*.yml",
  });
  assert.equal(watch?.snapshotCache, false);
});

test("the mode is that of the flags", async (t) => {
  const { load } = await scene(t);
  const modes = [
    "",
    "-watch",
    "-onetime",
    "-onetime -watch",
    "-noop -onetime",
    "-check-config",
    "-onetime=false",
  ];
  const found = await Promise.all(modes.map(async (line) => (await load(line)).mode));
  assert.deepEqual(found, ["watch", "watch", "once", "once", "noop", "check", "watch"]);
});

test("problems in options, confd.toml and conf.d are reported at once, each with file, line and key", async (t) => {
  const { problems } = await scene(t, {
    "confd.toml": 'backend = "redis"\nnodez = []\ninterval = "10"\n',
    "conf.d/a.toml":
      '[template]\nsrc = "a"\ndest = "/etc/a"\nmode = "rw"\nreload_cnd = "x"\noutput_format = "json"\n',
    "conf.d/b.toml":
      '[template]\ndest = "/etc/a"\nuid = 1\nowner = "a"\ncheck_cmd = "docker inspect {{.src}}"\n[backend]\nbackend = "vault"\n',
    "conf.d/c.toml":
      '[template]\nsrc = "c"\ndest = "/etc/a"\ncheck_cmd = "docker inspect {{.Name}}"\ndebounce = "2"\n',
    "conf.d/d.toml": 'src = "c"\n',
  });
  assert.deepEqual(await problems("-client-insecure -secret-keyring k -log-level loud extra"), [
    "confd.toml:1:11: sidekick has no backend redis: expected one of etcd, etcdv3, zookeeper, consul, file, env",
    "confd.toml:2:1: nodez is not known: did you mean nodes?",
    "confd.toml:3:12: interval: expected an integer",
    "the option -secret-keyring: encrypted values (cget, cgetv) are not supported",
    "confd: extra is no option",
    "the option -client-insecure: the certificates of servers are always verified: give -client-ca-keys instead",
    "the option -log-level: expected one of panic, fatal, error, warn, warning, info, debug",
    'conf.d/a.toml:4:8: mode: expected permissions such as "0644"',
    "conf.d/a.toml:5:1: reload_cnd is not known: did you mean reload_cmd?",
    "conf.d/a.toml:6:1: output_format: not supported: check the format with check_cmd",
    "conf.d/b.toml:1:1: src is missing",
    "conf.d/b.toml:3:7: only one of owner and uid is allowed",
    "conf.d/b.toml:6:1: backend: a resource cannot have a backend of its own: run another sidekick confd for it",
    "conf.d/c.toml:3:8: dest: conf.d/a.toml has the same one",
    "conf.d/c.toml:4:13: check_cmd: {{.Name}} is not known: expected {{.src}} for the rendered file, or {{.dest}}",
    "conf.d/c.toml:5:12: debounce: expected a duration such as 30s",
    "conf.d/d.toml:1:1: src is not known",
    "conf.d/d.toml:1:1: the file has no table [template]",
  ]);
});

test("what cannot be read is named", async (t) => {
  const { problems, folder } = await scene(t, { "conf.d/a.toml": "[template\n" });
  assert.match((await problems()).join(), /^conf\.d\/a\.toml:\d+:\d+: /);
  assert.deepEqual(await problems("-confdir /nonexistent"), [
    "the configuration file /nonexistent/conf.d cannot be read",
  ]);
  const [line] = await problems("-srv-record none");
  assert.match(line ?? "", /the SRV record none cannot be resolved: no such record|a\.toml/);
  assert.ok(folder);
});

test("variables that images have for themselves do no harm", async (t) => {
  const { load } = await scene(t);
  const own = {
    CONFD_VERSION: "0.16.0",
    CONFD_NODE: "e:1",
    CONFD_BACKEND: "redis",
    CONFD_URL: "x",
  };
  const { plan, warnings } = await load("", { ...own, CONFD_INTERVAL: "10s", CONFD_WATCH: "" });
  assert.equal(plan.keyspace.url, "etcd://127.0.0.1:4001");
  assert.deepEqual(warnings, ["CONFD_INTERVAL: has no effect: expected an integer"]);
});

test("without -watch, files are also rendered at each interval", async (t) => {
  const { watch } = await scene(t);
  const lines = ["", "-interval 10", "-watch", "-watch -interval 10", "-interval 0"];
  const found = await Promise.all(lines.map(async (line) => (await watch(line)).refreshMs));
  assert.deepEqual(found, [600_000, 10_000, undefined, undefined, 1000]);
});

test("the longest debounce holds for all resources", async (t) => {
  const { watch } = await scene(t, { "conf.d/a.toml": `${resource}debounce = "2s"\n` });
  assert.deepEqual((await watch("-debounce 500ms")).settle, { quietMs: 2000, atMostMs: 20_000 });
});
