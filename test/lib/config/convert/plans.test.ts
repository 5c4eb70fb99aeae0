import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfd } from "../../../../lib/config/compat/confd/load.ts";
import { options as confdOptions } from "../../../../lib/config/compat/confd/options.ts";
import { parseGoFlags } from "../../../../lib/config/compat/go-flags.ts";
import { loadNerve } from "../../../../lib/config/compat/nerve/load.ts";
import { readRegistrator } from "../../../../lib/config/compat/registrator/load.ts";
import { options } from "../../../../lib/config/compat/registrator/options.ts";
import { loadSynapsePlan } from "../../../../lib/config/compat/synapse/load.ts";
import { printPlan } from "../../../../lib/config/convert/convert-plan.ts";
import type { Plan } from "../../../../lib/config/plan.ts";
import { setUps } from "../../../compat/confd/set-ups.ts";
import { published } from "../compat/synapse/published.ts";
import { fileOf } from "../compat/synapse/published-text.ts";

const hostName = "web-1";

/** Prints a plan, which loads the text again: it throws where the text has another meaning. */
function printed(plan: Plan): string {
  const sources = (plan.watch?.templates ?? []).map(({ generator }, i) =>
    generator ? undefined : `templates/${i}.tmpl`,
  );
  const printing = {
    name: "/etc/sidekick.yaml",
    title: ["A configuration."],
    sources,
    comments: [],
  };
  const { text } = printPlan(plan, printing, { env: {}, hostName });
  if (process.env.SHOW) process.stdout.write(`${text}\n`);
  return text;
}

const nerveFolder = join(import.meta.dirname, "../compat/nerve/published");

for (const file of readdirSync(nerveFolder).filter((name) => /\.(json|yaml)$/.test(name))) {
  test(`a configuration of Nerve is the same plan as sidekick.yaml: ${file}`, async () => {
    const { plan } = await loadNerve(join(nerveFolder, file), { log: "info" });
    assert.match(printed(plan), /^ {2}format: nerve$/m);
  });
}

/** Those that sidekick synapse refuses to run, too. */
const refused = ["shared-frontend.yaml", "containers.yaml", "names.json", "several.yaml"];

for (const file of Object.keys(published)) {
  test(`a configuration of Synapse is the same plan as sidekick.yaml: ${file}`, async () => {
    const environment = { env: { TOKENS_PORT: "8090" }, hostName, random: () => 0.5 };
    const loading = loadSynapsePlan(fileOf(file), environment);
    if (refused.includes(file)) {
      await assert.rejects(loading, { code: "CONFIG_INVALID" });
      return;
    }
    const plan = await loading;
    assert.match(printed(plan), /kind: synapse haproxy$/m);
  });
}

for (const { name, folder, env, keysAt } of setUps) {
  test(`a configuration of confd is the same plan as sidekick.yaml: ${name}`, async () => {
    const flags = parseGoFlags(["-confdir", folder, ...keysAt(folder)], confdOptions);
    const resolveSrv = () => Promise.reject(new Error("there is no SRV record"));
    const { plan } = await loadConfd(flags, { env, folder: "/", resolveSrv });
    assert.match(printed(plan), /^ {2}services: false$/m);
  });
}

const etcd = "etcd://10.0.0.1:2379/services";

for (const line of [
  etcd,
  "etcd://h:1",
  "etcd:///a/b/",
  "zookeeper://zk/base",
  "zookeeper://zk",
  `-ip 10.0.0.9 ${etcd}`,
  `-ip=10.0.0.9 -internal ${etcd}`,
  `--explicit -useIpFromLabel net.ip -tags blue,eu -ttl 30 -ttl-refresh 10 ${etcd}`,
]) {
  test(`a command line of registrator is the same plan as sidekick.yaml: ${line}`, () => {
    const read = readRegistrator(parseGoFlags(line.split(" "), options), {
      dockerHost: undefined,
      hostName,
    });
    assert.ok("plan" in read);
    assert.match(printed(read.plan), /^ {2}docker:/m);
  });
}
