import { createServer } from "node:http";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** How long an answer takes, in milliseconds. */
const workMs = 20;

/** How long it goes on serving once it was asked to stop: until nobody sends it anything any more; in milliseconds. */
const graceMs = 3000;

const server = createServer(async (_request, response) => {
  await delay(workMs);
  response.end(`${hostname()}\n`);
}).listen(8080);

process.once("SIGTERM", async () => {
  await delay(graceMs);
  server.close();
});
