/**
 * Bad entries among good ones: the time until the good ones are in the file, and the number of runs of the check command.
 *
 *   npm run bench:isolate            all
 *   npm run bench:isolate -- nginx   only these programs
 *
 * The template writes a label of each instance into its line of a real configuration, and the program refuses the value
 * that bad entries have. Real `haproxy -c` and `nginx -t` name the line: haproxy up to 50 of them at once, nginx the first
 * one. With `silent` their output is thrown away, so that the entries are found by trying sets of them alone.
 */
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { main } from "../test/real/sidekick.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, start, throwAwayFolder } from "../test/support/process.ts";
import { seeded } from "../test/support/random.ts";

const programs: Readonly<Record<string, { readonly template: string; readonly check: string }>> = {
  haproxy: {
    template: `defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend all
  bind 127.0.0.1:1
{{#each services}}
backend {{name}}
{{#each instances}}
  server {{server}} {{address}} {{labels.option}}
{{/each}}
{{/each}}
`,
    check: 'haproxy -c -f "$1"',
  },
  nginx: {
    template: `events {}
http {
{{#each services}}
upstream {{name}} {
{{#each instances}}
  server {{address}} {{labels.option}};
{{/each}}
}
{{/each}}
}
`,
    check: 'nginx -t -q -c "$1" -g "pid $PWD/nginx.pid; error_log stderr;"',
  },
};

const shapes: readonly (readonly [bad: number, all: number])[] = [
  [1, 1000],
  [12, 21],
  [21, 120],
  [200, 1000],
];

const wanted = process.argv.slice(2);
console.log(
  "| check | bad entries | until the good ones are in the file | checks | restart | checks |",
);
console.log("| --- | --- | --- | --- | --- | --- |");
for (const [name, { template, check }] of Object.entries(programs)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const isSilent of [false, true]) {
    for (const [bad, all] of shapes) {
      const command = isSilent ? `${check} >/dev/null 2>&1` : check;
      const row = await measure(template, command, bad, all);
      const [atOnce, restarted] = row.map(({ ms, checks }) => `${Math.round(ms)} ms | ${checks}`);
      const title = isSilent ? `${name}, silent` : name;
      console.log(`| ${title} | ${bad} of ${all} | ${atOnce} | ${restarted} |`);
    }
  }
}

interface Measured {
  readonly ms: number;
  readonly checks: number;
}

/** A watcher gets all entries at once, and is then replaced by another one. */
async function measure(
  template: string,
  check: string,
  bad: number,
  all: number,
): Promise<readonly Measured[]> {
  await using scope = new CleanupScope();
  const folder = await throwAwayFolder(scope);
  const [target, counted] = [join(folder, "out"), join(folder, "checks")];
  await writeFile(join(folder, "t.hbs"), template);
  await writeFile(join(folder, "check"), `#!/bin/sh\necho >>checks\n${check}\n`, { mode: 0o755 });
  await writeFile(
    join(folder, "sidekick.yaml"),
    [
      "keyspace: file:./keys",
      "watch:",
      "  snapshotCache: ./cache",
      "  templates:",
      '    - { source: t.hbs, target: out, check: [./check, "{candidate}"] }',
      "",
    ].join("\n"),
  );
  const services = 20;
  for (let i = 0; i < services; i += 1) {
    await mkdir(join(folder, `keys/services/s${i}`), { recursive: true });
  }
  const checks = async () => (await readFile(counted, "utf8").catch(() => "")).length;
  const hasGood = async () => {
    const text = await readFile(target, "utf8");
    return text.match(/127\.\d+\.\d+\.\d+:80/g)?.length === all - bad && !text.includes("nonsense");
  };
  const watch = () => start(scope, [...main, "watch", "-c", "sidekick.yaml"], { cwd: folder });
  const first = watch();
  await eventually("it is in sync", () => /"event":"applied"/.test(first.output()), 30_000);
  const before = await checks();

  const random = seeded(1);
  const shuffled = Array.from({ length: all }, (_, i) => i)
    .map((i) => [random(), i] as const)
    .sort(([a], [b]) => a - b);
  const badOnes = new Set(shuffled.slice(0, bad).map(([, i]) => i));
  await Promise.all(
    Array.from({ length: all }, (_, i) => {
      const instance = { host: `127.1.${i >> 8}.${i & 255}`, port: 80 };
      const value = badOnes.has(i) ? { ...instance, labels: { option: "nonsense" } } : instance;
      return writeFile(join(folder, `keys/services/s${i % services}/i${i}`), JSON.stringify(value));
    }),
  );
  const startMs = performance.now();
  await eventually("the good ones are in the file", hasGood, 300_000);
  const atOnce = { ms: performance.now() - startMs, checks: (await checks()) - before };
  // Quarantined entries are tried again from time to time: those checks are no part of the measurement.
  await eventually("it is saved", async () => {
    const saved = await readFile(join(folder, "cache.quarantine"), "utf8");
    return saved.match(/"digest"/g)?.length === bad;
  });
  await first.stop();

  await appendFile(target, "# edited\n");
  const beforeRestart = await checks();
  const restartMs = performance.now();
  const second = watch();
  const isBack = async () =>
    (await hasGood()) && !(await readFile(target, "utf8")).includes("# ed");
  await eventually("it is in sync again", isBack, 60_000);
  const checksAfter = (await checks()) - beforeRestart;
  const restarted = { ms: performance.now() - restartMs, checks: checksAfter };
  await second.stop();
  return [atOnce, restarted];
}
