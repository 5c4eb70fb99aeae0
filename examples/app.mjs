// Applications for the examples: node app.mjs NAME PORT [NAME PORT]… Each answers requests with its name, has a metric at /metrics, and
// ends at /quit.
import { createServer } from "node:http";

const words = process.argv.slice(2);

for (let i = 0; i < words.length; i += 2) {
  const [name, port] = [words[i], Number(words[i + 1])];
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    if (request.url === "/quit") server.close().closeIdleConnections();
    response.end(request.url === "/metrics" ? `requests_total ${requests}\n` : `${name}\n`);
  });
  server.listen(port, "127.0.0.1");
}
