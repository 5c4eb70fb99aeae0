/** The two sections of a service, between which its lines are divided. */
export type Side = "frontend" | "backend";

/** haproxy's keywords by the sections that take them. An option or a time limit is known by its own name. */
const both = [
  ...["acl", "bind-process", "block", "compression", "description", "disabled", "email-alert"],
  ...["enabled", "errorfile", "errorfiles", "errorloc", "errorloc302", "errorloc303", "filter"],
  ...["http-after-response", "http-error", "http-request", "http-response", "id", "log", "log-tag"],
  ...["mode", "redirect", "stats", "stick-table", "tcp-request"],
  ...["option forwardfor", "option http-buffer-request", "option http-keep-alive"],
  ...["option http-no-delay", "option http-restrict-req-hdr-names", "option http-server-close"],
  ...["option httpclose", "option independent-streams", "option nolinger", "option originalto"],
  ...["option splice-auto", "option splice-request", "option splice-response", "option tcpka"],
  ...["timeout http-keep-alive", "timeout http-request", "timeout tarpit"],
];

const frontendOnly = [
  ...["backlog", "bind", "capture", "clitcpka-cnt", "clitcpka-idle", "clitcpka-intvl", "declare"],
  ...["default_backend", "log-format", "log-format-sd", "max-session-srv-conns", "maxconn"],
  ...["monitor", "monitor-uri", "rate-limit", "unique-id-format", "unique-id-header"],
  ...["use_backend"],
  ...["option accept-invalid-http-request", "option clitcpka", "option contstats"],
  ...["option disable-h2-upgrade", "option dontlog-normal", "option dontlognull"],
  ...["option h1-case-adjust-bogus-client", "option http-ignore-probes"],
  ...["option http-use-proxy-header", "option httplog", "option httpslog"],
  ...["option idle-close-on-response", "option log-separate-errors", "option logasap"],
  ...["option socket-stats", "option tcp-smart-accept", "option tcplog"],
  ...["timeout client", "timeout client-fin"],
];

const backendOnly = [
  ...["balance", "cookie", "default-server", "dispatch", "external-check", "force-persist"],
  ...["fullconn", "hash-balance-factor", "hash-type", "http-check", "http-reuse"],
  ...["http-send-name-header", "ignore-persist", "load-server-state-from-file"],
  ...["max-keep-alive-queue", "persist", "retries", "retry-on", "server"],
  ...["server-state-file-name", "server-template", "source", "srvtcpka-cnt", "srvtcpka-idle"],
  ...["srvtcpka-intvl", "stick", "tcp-check", "tcp-response", "transparent", "use-fcgi-app"],
  ...["use-server", "option abortonclose", "option accept-invalid-http-response"],
  ...["option allbackups", "option checkcache", "option external-check"],
  ...["option h1-case-adjust-bogus-server", "option http-pretend-keepalive", "option httpchk"],
  ...["option ldap-check", "option log-health-checks", "option mysql-check", "option persist"],
  ...["option pgsql-check", "option prefer-last-server", "option redis-check"],
  ...["option redispatch", "option smtpchk", "option spop-check", "option srvtcpka"],
  ...["option ssl-hello-chk", "option tcp-check", "option tcp-smart-connect"],
  ...["option transparent", "timeout check", "timeout connect", "timeout queue"],
  ...["timeout server", "timeout server-fin", "timeout tunnel"],
];

/** Keywords that a current haproxy refuses, with a message that names their successor; an old one takes them. */
const former = [
  ...["reqadd", "reqallow", "reqdel", "reqdeny", "reqiallow", "reqidel", "reqideny", "reqipass"],
  ...["reqirep", "reqitarpit", "reqpass", "reqrep", "reqtarpit", "rspadd", "rspdel", "rspdeny"],
  ...["rspidel", "rspideny", "rspirep", "rsprep", "option forceclose", "option http-tunnel"],
  ...["option http_proxy", "option http-use-htx", "option independant-streams"],
];

const formerFrontend = ["clitimeout", "grace", "monitor-net", "timeout clitimeout"];

const formerBackend = [
  ...["appsession", "contimeout", "redispatch", "srvtimeout", "timeout contimeout"],
  "timeout srvtimeout",
];

/** What haproxy takes in each section today. */
export const keywords: Readonly<Record<Side, ReadonlySet<string>>> = {
  frontend: new Set([...both, ...frontendOnly]),
  backend: new Set([...both, ...backendOnly]),
};

/** What haproxy took in each section once. */
export const formerKeywords: Readonly<Record<Side, ReadonlySet<string>>> = {
  frontend: new Set([...former, ...formerFrontend]),
  backend: new Set([...former, ...formerBackend]),
};

/** The keyword of a line as it is in the table, in lower case: `option httpchk` of `no option httpchk`. */
export function keywordOf(line: string): string {
  const words = line.trim().toLowerCase().split(/\s+/);
  const [first = "", second = ""] = words[0] === "no" ? words.slice(1) : words;
  return first === "option" || first === "timeout" ? `${first} ${second}` : first;
}

/** Whether a line may stand in a section. haproxy judges the rest of it. */
export function mayStandIn(side: Side, line: string): boolean {
  const keyword = keywordOf(line);
  return keywords[side].has(keyword) || formerKeywords[side].has(keyword);
}
