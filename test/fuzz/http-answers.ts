import { oneOf } from "../support/random.ts";

/** A response as bytes in Latin-1, in the pieces in which a server sends it. */
export type Answer = readonly string[];

const versions = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2", "HTTP/2.0"];
const statuses = ["200", "200", "200", "204", "205", "206", "301", "304", "404", "500", "599"];
const reasons = ["", " OK", " ", " a\x01b", "  two  spaces", " \xe9\xff"];

/** Lines between the status and the body that no strict parser accepts, and some that all do. */
const oddHeaders = [
  "X Y: space in a name",
  "X-Control: a\x01\x02\x1b[31mb",
  "X\xff: \xfe",
  ": no name",
  "X-Folded: a\r\n\tb\r\n  c",
  "Server : before the colon",
  "X-Empty:",
  "X(): {}<>@,;",
  `X-Long: ${"y".repeat(20_000)}`,
  `X-Longer: ${"y".repeat(90_000)}`,
  Array.from({ length: 1500 }, (_, i) => `X-Many-${i}: ${i}`).join("\r\n"),
  "Content-Length : 7",
  "Connection: keep-alive",
  "Connection: close, keep-alive, \x02",
  "Content-Encoding: gzip",
  "Content-Type: text/plain",
  "Set-Cookie: \x7f=\t; =",
];

/** Status lines and headers that curl rejects. */
const badStatusLines = [
  "HTTP/1.2 200 OK",
  "HTTP/1.1 99 x",
  "HTTP/1.1 20x",
  "220 smtp",
  "",
  "HTTP/1.1",
];
const badHeaders = ["no colon", "X: \0", "Content-Length: abc", "Content-Length: -1"];

/** Makes a response that is odd in several ways; one in four is also broken or ends early. */
export function randomAnswer(random: () => number): Answer {
  const some = <T>(values: readonly T[]) => oneOf(values, random);
  const chance = (probability: number) => random() < probability;
  const body = "body ".repeat(Math.floor(random() * some([1, 20, 2000])));
  const status = chance(0.03)
    ? some(badStatusLines)
    : `${some(versions)}${some([" ", " ", "  "])}${some(statuses)}${some(reasons)}`;
  const framed = framing(body, random);
  const headers = [
    ...Array.from({ length: Math.floor(random() * 4) }, () => some(oddHeaders)),
    ...framed.headers,
    ...(chance(0.04) ? [some(badHeaders)] : []),
  ].sort(() => random() - 0.5);
  const informational = Array.from({ length: chance(0.2) ? 1 + Math.floor(random() * 2) : 0 }, () =>
    some(["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"]),
  );
  const head = [...informational, [status, ...headers, "", ""].join("\r\n")].join("");
  const lines = some([
    (text: string) => text,
    (text: string) => text.replaceAll("\r\n", "\n"),
    (text: string) => text.replaceAll("\r\n", () => some(["\n", "\r\n"])),
  ]);
  const whole = lines(head) + framed.body(lines);
  // Not by a single byte: curl does without the very last line feed.
  const end = chance(0.12) ? Math.floor(random() * (whole.length - 1)) : whole.length;
  return pieces(whole.slice(0, end), random);
}

interface Framing {
  readonly headers: readonly string[];
  readonly body: (lines: (text: string) => string) => string;
}

/** The headers that delimit a body, and the body as it is sent. */
function framing(body: string, random: () => number): Framing {
  const length = `Content-Length: ${body.length}`;
  const chunked = "Transfer-Encoding: chunked";
  const plain = (headers: readonly string[]) => ({ headers, body: () => body });
  const inChunks = (headers: readonly string[]) => ({
    headers,
    body: (lines: (text: string) => string) => lines(chunks(body, random)),
  });
  return oneOf(
    [
      plain([]),
      plain([length]),
      plain([length, length]),
      plain(["Content-Length: 999999", length]),
      plain([length.replace(": ", ":\t+")]),
      plain([`${length}, ${body.length}`]),
      plain(["Content-Length: 99999999999999999999999"]),
      inChunks([chunked]),
      inChunks([chunked.toUpperCase()]),
      inChunks([chunked, chunked]),
      inChunks([chunked, "Content-Length: 7"]),
      inChunks([chunked, length, length]),
    ],
    random,
  );
}

function chunks(body: string, random: () => number): string {
  const written: string[] = [];
  for (let rest = body; rest !== ""; ) {
    const size = Math.ceil(random() * Math.min(rest.length, 3000));
    const number = size.toString(16).padStart(Math.floor(random() * 8), "0");
    const extension = oneOf(["", "", ";a=b", " ", ';x="y"'], random);
    const writtenSize = random() < 0.02 ? "zz" : number;
    written.push(`${writtenSize}${extension}\r\n${rest.slice(0, size)}\r\n`);
    rest = rest.slice(size);
  }
  const trailers = oneOf(["", "", "", "X-Checksum: 1\r\n", "X: \x01\r\nY: 2\r\n"], random);
  return `${written.join("")}0\r\n${trailers}\r\n`;
}

function pieces(whole: string, random: () => number): Answer {
  const cuts = Array.from({ length: Math.floor(random() * 4) }, () =>
    Math.floor(random() * whole.length),
  ).sort((a, b) => a - b);
  return [...cuts, whole.length].map((end, i) => whole.slice(i === 0 ? 0 : cuts[i - 1], end));
}
