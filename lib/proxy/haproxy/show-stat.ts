import type { ServerCounters } from "../contract.ts";

/** Asks for the servers of all backends. */
export const showServers = "show stat -1 4 -1";

const columns = [
  ...(["pxname", "svname", "scur", "stot", "econ", "eresp", "wretr", "wredis", "status"] as const),
  ...(["check_status", "check_code", "hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx"] as const),
  ...(["hrsp_5xx", "hrsp_other", "addr"] as const),
] as const;

type Row = Readonly<Record<(typeof columns)[number], string>>;

/**
 * Parses the answer to `showServers`. Servers without an address are left out: those whose host name is not resolved, and all of them if
 * the socket's level shows none.
 */
export function parseCounters(answer: string): readonly ServerCounters[] {
  const lines = answer.split("\n");
  const [heading = ""] = lines;
  if (!heading.startsWith("# ")) return [];
  const names = heading.slice(2).split(",");
  const places = columns.map((name) => [name, names.indexOf(name)] as const);
  if (places.some(([, at]) => at === -1)) return [];
  const last = Math.max(...places.map(([, at]) => at));
  return lines.slice(1).flatMap((line) => {
    // Texts of checks are quoted, and may have commas; they come after the columns in use, or have none.
    const fields = line.includes('"') ? unquoted(line) : line.split(",", last + 1);
    if (fields.length <= last) return [];
    const row = Object.fromEntries(places.map(([name, at]) => [name, fields[at]])) as Row;
    return row.addr === "" ? [] : [countersOf(row)];
  });
}

function unquoted(line: string): readonly string[] {
  return (
    line.match(/(?:"(?:[^"]|"")*"|[^,"])*(?:,|$)/g)?.map((field) => field.replace(/,$/, "")) ?? []
  );
}

/**
 * haproxy counts each attempt as a session of the server. One that failed is counted as a retry (`wretr`), as a redispatch (`wredis`)
 * or, if nothing was left to try, as an error of the connection (`econ`) or of the response (`eresp`). A response that was repeated
 * (`retry-on`) is counted twice: so many more failures than sessions without a response are repeated responses. In TCP mode, which
 * counts no responses, only connections are known to fail.
 */
function countersOf(row: Row): ServerCounters {
  const { pxname: pool, addr: address, status } = row;
  const [requests, econ, eresp] = [Number(row.stot), Number(row.econ), Number(row.eresp)];
  const repeated = Number(row.wretr) + Number(row.wredis);
  const isHttp = row.hrsp_5xx !== "";
  const answered = [row.hrsp_1xx, row.hrsp_2xx, row.hrsp_3xx, row.hrsp_4xx, row.hrsp_5xx]
    .concat(row.hrsp_other)
    .reduce((sum, count) => sum + Number(count), 0);
  const unanswered = Math.max(0, requests - answered - Number(row.scur));
  const responses = isHttp ? Math.max(0, repeated + econ + eresp - unanswered) : 0;
  return {
    ...{ pool, address, requests },
    failedConnections: Math.max(0, repeated + econ - 2 * responses),
    failedResponses: responses + eresp + Number(row.hrsp_5xx),
    ...(status.startsWith("DOWN") && { down: whyDown(row) }),
  };
}

const reasons: Readonly<Record<string, string>> = {
  L4TOUT: "its check cannot connect in time",
  L4CON: "its check cannot connect",
  L6TOUT: "its check has no TLS connection in time",
  L6RSP: "its check has no TLS connection",
  L7TOUT: "its check gets no response in time",
  L7RSP: "its check gets an invalid response",
  L7STS: "its check gets the status",
};

/** `its check gets the status 503 (L7STS)` */
function whyDown({ check_status, check_code }: Row): string {
  // A star marks a check that is in progress.
  const code = check_status.replace(/^\* /, "");
  const words = reasons[code];
  if (words === undefined) return code === "" ? "it is down there" : `its check fails (${code})`;
  return `${words}${code === "L7STS" ? ` ${check_code}` : ""} (${code})`;
}
