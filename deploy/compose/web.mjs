import { createServer } from "node:http";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** The duration of a response, in milliseconds. */
const workMs = 20;

/** How long the application keeps serving after SIGTERM, in milliseconds, until proxies send it no new requests: its argument. */
const graceMs = Number(process.argv[2] ?? 3000);

const server = createServer(async (_request, response) => {
  await delay(workMs);
  response.end(`${hostname()}\n`);
}).listen(8080);

process.once("SIGTERM", async () => {
  await delay(graceMs);
  server.close();
});
