import { test } from "node:test";
import { inParallel } from "../support/in-parallel.ts";
import { edsPorts } from "./envoy-endpoints.ts";
import { playExample, type Shown } from "./examples-scene.ts";

const both = /^(red\nblue|blue\nred)\n$/;

/** By folder in examples/: what the commands of its README show. The ones with containers are in image.test.ts. */
const examples: Readonly<Record<string, Shown>> = {
  // The first one, since Prometheus looks at its files every 5 s.
  prometheus: [
    /"127\.0\.0\.1:9001", "127\.0\.0\.1:9002"/,
    /"value":\[[\d.]+,"1"\].*"value":\[[\d.]+,"1"\]/,
  ],
  etcd: [/^\/services\/web\/127\.0\.0\.1:9001\n\{.*"port":9001.*\}\n[\s\S]*9002/, both, both],
  zookeeper: [both, both],
  files: [both, both, /^$/, /^red\nred\n$/],
  tls: [both, /^308 https:\/\/www\.example\.com\/page/],
  postgres: [/^red\n$/, /red\n[\s\S]*blue\n|blue\n[\s\S]*red\n/, /^$/, /^blue\n$/],
  envoy: [{ test: (text) => String(edsPorts(text)) === "9001,9002" }],
  dnsmasq: [/^127\.0\.0\.1\n$/, /^127\.0\.0\.1\n$/],
  canary: [/^ *45 one-a\n *45 one-b\n *10 two\n$/],
};

test("every command in the READMEs of examples/ works", { concurrency: true }, async (t) => {
  const width = 3;
  await inParallel(Object.entries(examples), width, ([name, shown]) =>
    t.test(`examples/${name}`, (t) => playExample(t, name, shown)),
  );
});
