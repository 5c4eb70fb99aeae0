import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventually, freePort, type Running, start, throwAwayFolder } from "../support/process.ts";
import { printed, startSidekick } from "./sidekick.ts";

const name = "_http._tcp.web.example.com";

test("a watcher follows the SRV records of a real name server, and keeps them while it fails, flaps and lies about TTLs", async (t) => {
  const folder = await throwAwayFolder(t);
  const port = await freePort();
  let server: Running | undefined;
  /** dnsmasq with these records, in the order of `--srv-host`; instead of the one that runs. */
  const serve = async (...options: string[]) => {
    await server?.stop("SIGKILL");
    server = start(t, [
      ...["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts", "--no-resolv"],
      ...["--user=root", "--pid-file=", `--port=${port}`, "--listen-address=127.0.0.1"],
      ...["--bind-interfaces", ...options],
    ]);
  };
  const record = (target: string, priority: number, weight: number) =>
    `--srv-host=${name},${target},8080,${priority},${weight}`;
  const addresses = [
    "--host-record=one.example.com,10.0.0.1",
    "--host-record=two.example.com,10.0.0.2",
  ];
  const known = ["--local=/example.com/", ...addresses];

  const target = join(folder, "web.txt");
  await writeFile(
    join(folder, "web.hbs"),
    '{{#each (instances "web")}}{{address}} {{weight}}{{#if labels.backup}} backup{{/if}}\n{{/each}}',
  );
  await writeFile(
    join(folder, "watch.yaml"),
    [
      "keyspace: file:./keys",
      `mounts: { /services/web: { url: "srv://127.0.0.1:${port}/${name}", interval: 1s } }`,
      `watch: { guard: { maxLoss: 100%, keepEmpty: false }, templates: [{ source: web.hbs, target: ${target}, prefixes: [/services/web] }] }`,
    ].join("\n"),
  );
  const options = { cwd: folder };
  // A day: a watcher that believed it would not see the next change.
  const lie = "--local-ttl=86400";
  await serve(...known, lie, record("one.example.com", 10, 5), record("two.example.com", 20, 0));
  startSidekick(t, ["watch", "-c", "watch.yaml"], options);
  const becomes = (what: string, ...lines: string[]) =>
    eventually(what, async () => {
      const text = await readFile(target, "utf8").catch(() => undefined);
      return text === lines.map((line) => `${line}\n`).join("") || undefined;
    });
  const fault = (what: string, words: RegExp) =>
    eventually(what, async () => {
      const report = JSON.parse(
        await printed(t, ["status", "-c", "watch.yaml", "--json"], options),
      );
      return words.test(report.mounts?.[0]?.fault?.message ?? "") || undefined;
    });
  const initial = ["one.example.com:8080 5", "two.example.com:8080 1 backup"];
  await becomes("the lowest priority is first, the others are backups", ...initial);

  await serve(...known);
  await fault("a name that vanishes is no empty answer", /does not exist \(NXDOMAIN\)/);
  await becomes("its records are kept", ...initial);
  await serve(...known, lie, record("two.example.com", 20, 0));
  await becomes("the other one is used alone", "two.example.com:8080 1");

  await serve();
  await fault("a server that refuses", /refused the query \(REFUSED\)/);
  await server?.stop("SIGKILL");
  await fault("a server that is gone", /no name server is reachable/);
  await becomes("the last answer is kept", "two.example.com:8080 1");
  await serve(...known, "--local-ttl=0", record(".", 0, 0));
  await becomes("the target . means that there are no instances");
  await serve(
    ...known,
    "--local-ttl=0",
    record("one.example.com", 0, 1),
    record("two.example.com", 0, 3),
  );
  await becomes("it is back", "one.example.com:8080 1", "two.example.com:8080 3");
});
