import type { HaproxySettings, SynapseServer } from "../../../../lib/render/synapse/settings.ts";
import { type ServiceChange, server, servers, service, settings } from "./settings.ts";

/** A text that Synapse makes of settings and servers, after its first sections. */
export interface Case {
  readonly name: string;
  readonly settings: HaproxySettings;
  readonly servers: Readonly<Record<string, readonly SynapseServer[]>>;
  readonly text: string;
}

/** A service `web` with servers; the text is that of its pool, and of its frontend if it has a port. */
const web = (
  name: string,
  change: ServiceChange,
  found: readonly SynapseServer[],
  text: string,
  more: Partial<HaproxySettings> = {},
): Case => ({
  name,
  settings: settings({ ...more, services: [service({ name: "web", ...change })] }),
  servers: { web: found },
  text,
});

/** The same without a frontend: the text is that of the pool alone. */
const pool: typeof web = (name, change, found, text, more) => {
  const { port: _, ...bare } = service(change);
  return { ...web(name, {}, found, text, more), settings: settings({ ...more, services: [bare] }) };
};

const a = servers("a");
const options = "check inter 2s rise 3 fall 2";

export const cases: readonly Case[] = [
  web(
    "a service with a port has a frontend and a pool",
    {},
    a,
    `
frontend web
	bind localhost:3213
	default_backend web

backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 ${options}
`,
  ),
  pool(
    "a service without a port has no frontend",
    {},
    a,
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 ${options}
`,
  ),
  web(
    "a port that is null leaves the address of a socket",
    { port: null, bindAddress: "/var/run/web.sock" },
    [],
    `
frontend web
	bind /var/run/web.sock
	default_backend web

backend web
`,
  ),
  web(
    "a service without servers has an empty pool",
    {},
    [],
    `
frontend web
	bind localhost:3213
	default_backend web

backend web
`,
  ),
  web(
    "the address of all services, and that of one",
    {},
    [],
    `
frontend web
	bind 127.0.0.2:3213
	default_backend web

backend web
`,
    { bindAddress: "127.0.0.2" },
  ),
  web(
    "the address of one service comes before that of all",
    { bindAddress: "127.0.0.3" },
    [],
    `
frontend web
	bind 127.0.0.3:3213
	default_backend web

backend web
`,
    { bindAddress: "127.0.0.2" },
  ),
  web(
    "options of the bind line",
    { bindOptions: "accept-proxy name web" },
    [],
    `
frontend web
	bind localhost:3213 accept-proxy name web
	default_backend web

backend web
`,
  ),
  web(
    "a pool of another name than the service",
    { poolName: "web_pool" },
    a,
    `
frontend web
	bind localhost:3213
	default_backend web_pool

backend web_pool
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 ${options}
`,
  ),
  web(
    "lines of a frontend stand before its bind line, those of a pool before its servers",
    { lines: { frontend: ["mode tcp", "option tcplog"], pool: ["mode tcp", "balance leastconn"] } },
    a,
    `
frontend web
	mode tcp
	option tcplog
	bind localhost:3213
	default_backend web

backend web
	mode tcp
	balance leastconn
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 ${options}
`,
  ),
  web(
    "lines of listen go to the parts that take them, mode to both",
    {
      lines: {
        listen: [
          ...["mode http", "option httpchk GET /health", "option httplog", "timeout client 1m"],
          ...["timeout server 1m", "http-check expect string OK", "stats enable"],
        ],
      },
    },
    a,
    `
frontend web
	mode http
	option httplog
	timeout client 1m
	stats enable
	bind localhost:3213
	default_backend web

backend web
	mode http
	option httpchk GET /health
	timeout server 1m
	http-check expect string OK
	stats enable
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 ${options}
`,
  ),
  web(
    "lines of listen follow those of each part",
    {
      lines: {
        frontend: ["maxconn 100"],
        pool: ["retries 2"],
        listen: ["mode http", "option   httpclose"],
      },
    },
    [],
    `
frontend web
	maxconn 100
	mode http
	option   httpclose
	bind localhost:3213
	default_backend web

backend web
	retries 2
	mode http
	option   httpclose
`,
  ),
  web(
    "a line that haproxy does not take in its section is left out",
    { lines: { frontend: ["balance roundrobin", "mode http"], pool: ["bind *:80", "#mode tcp"] } },
    [],
    `
frontend web
	mode http
	bind localhost:3213
	default_backend web

backend web
`,
  ),
  web(
    "conditions of a frontend",
    {
      lines: {
        frontend: ["acl is_api path_beg /api", "use_backend web if is_api", "no option httpclose"],
      },
    },
    [],
    `
frontend web
	acl is_api path_beg /api
	use_backend web if is_api
	no option httpclose
	bind localhost:3213
	default_backend web

backend web
`,
  ),
  pool(
    "servers without a name are named by their address",
    {},
    [{ host: "10.0.0.1", port: 8080 }, server({ name: "", port: 8081 })],
    `
backend web
	server 10.0.0.1:8080 10.0.0.1:8080 id 1 cookie 10.0.0.1:8080 ${options}
	server 10.0.0.1:8081 10.0.0.1:8081 id 2 cookie 10.0.0.1:8081 ${options}
`,
  ),
  pool(
    "a host name as the address",
    {},
    [server({ host: "localhost", port: 5432, name: "default-db" })],
    `
backend web
	server default-db_localhost:5432 localhost:5432 id 1 cookie default-db_localhost:5432 ${options}
`,
  ),
  pool(
    "options that are not set end the line with a space",
    { serverOptions: "" },
    a,
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 ${""}
`,
  ),
  pool(
    "host, port and name in the options of the service",
    { serverOptions: "check port %{port} addr %{host} observe layer4 cookie %{name}x%%" },
    a,
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 check port 8080 addr 10.0.0.1 observe layer4 cookie ax%
`,
  ),
  pool(
    "a name that a server does not have is empty in the options",
    { serverOptions: "redir http://%{name}%{host}" },
    [{ host: "10.0.0.1", port: 8080 }],
    `
backend web
	server 10.0.0.1:8080 10.0.0.1:8080 id 1 cookie 10.0.0.1:8080 redir http://10.0.0.1
`,
  ),
  pool(
    "options of an entry follow those of the service",
    {},
    [server({ options: "backup weight 5 inter 500ms" })],
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 ${options} backup weight 5 inter 500ms
`,
  ),
  pool(
    "options of an entry alone follow a second space",
    { serverOptions: "" },
    [server({ options: "backup" })],
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080  backup
`,
  ),
  pool(
    "the digest of the name as the cookie",
    { cookie: "hash" },
    a,
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie 2198a3ac267b4107a251f0aa44f8467e8b3c90d5 ${options}
`,
  ),
  pool(
    "no cookies in a pool with mode tcp",
    { lines: { pool: ["mode tcp"] }, cookie: "hash" },
    a,
    `
backend web
	mode tcp
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 ${options}
`,
  ),
  pool(
    "no cookies if listen has mode tcp",
    { lines: { listen: ["mode tcp"] } },
    a,
    `
backend web
	mode tcp
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 ${options}
`,
  ),
  pool(
    "cookies if mode tcp is written in another way",
    { lines: { pool: ["mode  tcp"] } },
    a,
    `
backend web
	mode  tcp
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 ${options}
`,
  ),
  pool(
    "ascending order: numbers are those of the discovery",
    { order: "asc", serverOptions: "check" },
    servers("c", "a", "b"),
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 2 cookie a_10.0.0.1:8080 check
	server b_10.0.0.2:8080 10.0.0.2:8080 id 3 cookie b_10.0.0.2:8080 check
	server c_10.0.0.3:8080 10.0.0.3:8080 id 1 cookie c_10.0.0.3:8080 check
`,
  ),
  pool(
    "descending order",
    { order: "desc", serverOptions: "check" },
    servers("b", "c", "a"),
    `
backend web
	server c_10.0.0.3:8080 10.0.0.3:8080 id 2 cookie c_10.0.0.3:8080 check
	server b_10.0.0.2:8080 10.0.0.2:8080 id 1 cookie b_10.0.0.2:8080 check
	server a_10.0.0.1:8080 10.0.0.1:8080 id 3 cookie a_10.0.0.1:8080 check
`,
  ),
  pool(
    "the order of the discovery",
    { order: "no_shuffle", serverOptions: "check" },
    servers("b", "c", "a"),
    `
backend web
	server b_10.0.0.2:8080 10.0.0.2:8080 id 1 cookie b_10.0.0.2:8080 check
	server c_10.0.0.3:8080 10.0.0.3:8080 id 2 cookie c_10.0.0.3:8080 check
	server a_10.0.0.1:8080 10.0.0.1:8080 id 3 cookie a_10.0.0.1:8080 check
`,
  ),
  pool(
    "the order of a seed: Ruby's %w[a b c d].shuffle(random: Random.new(7))",
    { order: "shuffle", serverOptions: "check" },
    servers("a", "b", "c", "d"),
    `
backend web
	server c_10.0.0.3:8080 10.0.0.3:8080 id 3 cookie c_10.0.0.3:8080 check
	server b_10.0.0.2:8080 10.0.0.2:8080 id 2 cookie b_10.0.0.2:8080 check
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 check
	server d_10.0.0.4:8080 10.0.0.4:8080 id 4 cookie d_10.0.0.4:8080 check
`,
    { orderSeed: 7n },
  ),
  pool(
    "upper case comes before lower case",
    { order: "asc", serverOptions: "check" },
    [server({ name: "a" }), server({ name: "B", host: "10.0.0.2" })],
    `
backend web
	server B_10.0.0.2:8080 10.0.0.2:8080 id 2 cookie B_10.0.0.2:8080 check
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 check
`,
  ),
  pool(
    "a number that an entry has",
    { serverOptions: "check" },
    [server({ haproxyId: 17 }), server({ name: "b", host: "10.0.0.2" })],
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 17 cookie a_10.0.0.1:8080 check
	server b_10.0.0.2:8080 10.0.0.2:8080 id 1 cookie b_10.0.0.2:8080 check
`,
  ),
  pool(
    "a number in the options of an entry is written there, and no other server gets it",
    { serverOptions: "check" },
    [server({ name: "b", host: "10.0.0.2" }), server({ options: "id 1 backup" })],
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 cookie a_10.0.0.1:8080 check id 1 backup
	server b_10.0.0.2:8080 10.0.0.2:8080 id 2 cookie b_10.0.0.2:8080 check
`,
  ),
  pool(
    "servers beyond the highest number have none",
    { serverOptions: "check" },
    servers("a", "b"),
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 check
	server b_10.0.0.2:8080 10.0.0.2:8080 cookie b_10.0.0.2:8080 check
`,
    { maxServerId: 1 },
  ),
  pool(
    "weights are not written unless asked for",
    { serverOptions: "check" },
    [server({ weight: 12 })],
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 check
`,
  ),
  pool(
    "the weight of an entry",
    { serverOptions: "check" },
    [server({ weight: 12 })],
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 check weight 12
`,
    { writesWeights: true },
  ),
  pool(
    "the weight of an entry replaces those of options, and superfluous spaces",
    { serverOptions: "check weight 3 rise 2" },
    [server({ weight: 12, options: "weight 4 backup" })],
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 check rise 2 backup weight 12
`,
    { writesWeights: true },
  ),
  pool(
    "an entry without a weight keeps those of options",
    { serverOptions: "check weight 3" },
    a,
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 check weight 3
`,
    { writesWeights: true },
  ),
  pool(
    "two servers of the same name: the later one counts",
    { serverOptions: "check" },
    [server(), server({ options: "backup" })],
    `
backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 check backup
`,
  ),
  web(
    "further sections stand before the services",
    { lines: { listen: ["mode tcp"] } },
    a,
    `
listen stats
	bind :3212
	mode http
	stats enable

userlist admins
	user root insecure-password secret

frontend web
	mode tcp
	bind localhost:3213
	default_backend web

backend web
	mode tcp
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 ${options}
`,
    {
      extraSections: [
        { title: "listen stats", lines: ["bind :3212", "mode http", "stats enable"] },
        { title: "userlist admins", lines: ["user root insecure-password secret"] },
      ],
    },
  ),
  {
    name: "a shared frontend has the lines of all services, and stands last",
    settings: settings({
      sharedFrontend: ["bind 127.0.0.1:8081", "balance roundrobin"],
      services: [
        service({ name: "web", port: "1", sharedFrontend: ["acl is_web hdr_dom(host) -i web.lb"] }),
        service({
          name: "api",
          port: "2",
          sharedFrontend: ["acl is_api hdr_dom(host) -i api.lb", "use_backend api if is_api"],
        }),
        service({ name: "plain", port: "3" }),
      ],
    }),
    servers: { api: servers("b") },
    text: `
frontend web
	bind localhost:1
	default_backend web

backend web

frontend api
	bind localhost:2
	default_backend api

backend api
	server b_10.0.0.2:8080 10.0.0.2:8080 id 1 cookie b_10.0.0.2:8080 ${options}

frontend plain
	bind localhost:3
	default_backend plain

backend plain

frontend shared-frontend
	bind 127.0.0.1:8081
	acl is_web hdr_dom(host) -i web.lb
	acl is_api hdr_dom(host) -i api.lb
	use_backend api if is_api
`,
  },
  web(
    "lines of a service for a shared frontend that there is not are left out",
    { sharedFrontend: ["use_backend web"] },
    [],
    `
frontend web
	bind localhost:3213
	default_backend web

backend web
`,
  ),
  {
    name: "each pool has numbers of its own",
    settings: settings({
      services: [
        service({ name: "web", serverOptions: "check" }),
        service({ name: "api", serverOptions: "check", bindAddress: "127.0.0.9" }),
      ],
    }),
    servers: { web: servers("a"), api: servers("a", "b") },
    text: `
frontend web
	bind localhost:3213
	default_backend web

backend web
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 check

frontend api
	bind 127.0.0.9:3213
	default_backend api

backend api
	server a_10.0.0.1:8080 10.0.0.1:8080 id 1 cookie a_10.0.0.1:8080 check
	server b_10.0.0.2:8080 10.0.0.2:8080 id 2 cookie b_10.0.0.2:8080 check
`,
  },
];
