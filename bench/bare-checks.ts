/**
 * The floor of `checks.ts`: the same probes by a program that does nothing else. Each opens a connection, writes a request,
 * compares the status and closes the connection once the server has.
 *
 *   node bench/bare-checks.ts <port> <probes per second>
 */
import { connect } from "node:net";

const [port, perSecond] = process.argv.slice(2).map(Number) as [number, number];
const request = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;

function probe(): void {
  let isOk = false;
  const socket = connect({ host: "127.0.0.1", port }, () => socket.write(request, "latin1"));
  socket.on("data", (chunk) => {
    isOk ||= chunk.toString("latin1").startsWith("HTTP/1.1 200");
  });
  socket.on("end", () => {
    socket.destroy();
    if (!isOk) throw new Error("the probe has failed");
  });
}

for (let i = 0; i < perSecond; i += 1) {
  setTimeout(() => setInterval(probe, 1000), Math.random() * 1000);
}
