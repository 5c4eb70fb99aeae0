import type { ServerCounters } from "../contract.ts";

/** Asks for the servers of all pools. */
export const showServers = "show stat -1 4 -1";

const columns = [
  ...(["pxname", "scur", "stot", "econ", "eresp", "wretr", "wredis", "status"] as const),
  ...(["check_status", "check_code", "hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx"] as const),
  ...(["hrsp_5xx", "hrsp_other", "addr"] as const),
] as const;

type Column = (typeof columns)[number];

/** The place of each column in a line. */
type Places = Readonly<Record<Column, number>>;

/**
 * Parses the answer to `showServers`. Servers without an address are left out: those whose host name is not resolved, and all of them if
 * the socket's level shows none.
 */
export function parseCounters(answer: string): readonly ServerCounters[] {
  const lines = answer.split("\n");
  const [heading = ""] = lines;
  if (!heading.startsWith("# ")) return [];
  const names = heading.slice(2).split(",");
  const all = columns.map((name) => names.indexOf(name));
  if (all.includes(-1)) return [];
  const places = Object.fromEntries(columns.map((name, i) => [name, all[i]])) as Places;
  const last = Math.max(...all);
  return lines.slice(1).flatMap((line) => {
    // Texts of checks are quoted, and may have commas.
    const fields = line.includes('"') ? unquoted(line) : line.split(",", last + 1);
    return fields.length <= last || fields[places.addr] === "" ? [] : countersOf(fields, places);
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
function countersOf(fields: readonly string[], at: Places): ServerCounters {
  const text = (column: Column) => fields[at[column]] ?? "";
  const count = (column: Column) => Number(text(column));
  const [requests, econ, eresp] = [count("stot"), count("econ"), count("eresp")];
  const repeated = count("wretr") + count("wredis");
  const failed = count("hrsp_5xx");
  let answered = failed + count("hrsp_1xx") + count("hrsp_2xx") + count("hrsp_3xx");
  answered += count("hrsp_4xx") + count("hrsp_other");
  const unanswered = Math.max(0, requests - answered - count("scur"));
  const isHttp = text("hrsp_5xx") !== "";
  const responses = isHttp ? Math.max(0, repeated + econ + eresp - unanswered) : 0;
  return {
    ...{ pool: text("pxname"), address: text("addr"), requests },
    failedConnections: Math.max(0, repeated + econ - 2 * responses),
    failedResponses: responses + eresp + failed,
    ...(text("status").startsWith("DOWN") && {
      down: whyDown(text("check_status"), text("check_code")),
    }),
  };
}

const reasons: Readonly<Record<string, string>> = {
  L4TOUT: "the proxy's check cannot connect in time",
  L4CON: "the proxy's check cannot connect",
  L6TOUT: "the proxy's check has no TLS connection in time",
  L6RSP: "the proxy's check has no TLS connection",
  L7TOUT: "the proxy's check gets no response in time",
  L7RSP: "the proxy's check gets an invalid response",
  L7STS: "the proxy's check gets the status",
};

/** `the proxy's check gets the status 503 (L7STS)` */
function whyDown(checkStatus: string, checkCode: string): string {
  // A star marks a check that is in progress.
  const code = checkStatus.replace(/^\* /, "");
  const words = reasons[code];
  if (words === undefined)
    return code === "" ? "it is down there" : `the proxy's check fails (${code})`;
  return `${words}${code === "L7STS" ? ` ${checkCode}` : ""} (${code})`;
}
