import { join } from "node:path";
import type { CheckCommand } from "../../../install/contract.ts";
import type { ProxyConfig } from "../../../proxy/kinds.ts";
import type { DiscoveredService } from "../../../render/synapse/discovered.ts";
import type { TemplatePlan } from "../../plan.ts";
import type { FileOutput, HaproxyOutput, NginxOutput, SynapseSettings } from "./settings.ts";

/** What the files of a configuration have in common. */
interface Shared {
  /** The configuration. */
  readonly file: string;
  readonly discovered: readonly DiscoveredService[];
  /** The folders of the keyspace that have instances. */
  readonly folders: readonly string[];
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** The files to write, each with its generator. */
export function outputs(
  { haproxy, nginx, fileOutput }: SynapseSettings,
  shared: Shared,
): readonly TemplatePlan[] {
  return [
    ...(haproxy ? haproxyFile(haproxy, shared) : []),
    ...(nginx ? nginxFile(nginx, shared) : []),
    ...(fileOutput ? jsonFiles(fileOutput, shared) : []),
  ];
}

/** The time limits of commands, in milliseconds. Synapse has none. */
const [checkMs, reloadMs] = [30_000, 60_000];

function common({ file, folders }: Shared) {
  return { name: file, source: file, prefixes: folders, sourceFolders: folders };
}

function haproxyFile(output: HaproxyOutput, shared: Shared): readonly TemplatePlan[] {
  const { target, check, settings } = output;
  if (target === undefined) return [];
  const proxy = haproxyOf(output, shared);
  return [
    {
      ...common(shared),
      target: { path: target, ...(check && { check: checkOf(check.shell, check.candidate) }) },
      format: "haproxy",
      generator: { kind: "synapse haproxy", settings, services: shared.discovered },
      ...(proxy && { proxy }),
    },
  ];
}

/** The check of a file that the command names; a command that does not name it finds it at its path all the same. */
function checkOf(shell: string, candidate: string): CheckCommand {
  const isNamed = shell.includes(candidate);
  const run = isNamed
    ? ["/bin/sh", "-c", shell.replaceAll(candidate, "{candidate}")]
    : ["/bin/sh", "-c", `cat "$1" >"$2" || exit\n${shell}`, "sh", "{candidate}", candidate];
  return { run, timeout: checkMs };
}

/** The socket only serves together with reloads: the file may have changes that a running haproxy cannot take. */
function haproxyOf(
  { reload, sockets: [socket], ...intervals }: HaproxyOutput,
  shared: Shared,
): ProxyConfig | undefined {
  return (
    reload && {
      type: "haproxy",
      reload: ["/bin/sh", "-c", reload.shell],
      ...(socket !== undefined && { socket }),
      minInterval: minIntervalOf(intervals, shared),
      timeout: reloadMs,
    }
  );
}

function nginxFile(output: NginxOutput, shared: Shared): readonly TemplatePlan[] {
  const { target, check, reload, settings } = output;
  if (target === undefined) return [];
  // Without the path of the file, the command checks the file that nginx reads: it can only run once that is replaced.
  const isNamed = check?.shell.includes(target);
  const commands = [isNamed ? undefined : check, reload].filter((one) => one !== undefined);
  return [
    {
      ...common(shared),
      target: { path: target, ...(check && isNamed && { check: checkOf(check.shell, target) }) },
      format: "nginx",
      generator: { kind: "synapse nginx", settings, services: shared.discovered },
      ...(commands.length > 0 && {
        proxy: {
          type: "command",
          shell: commands.map(({ shell }) => `( ${shell}\n)`).join(" && "),
          minInterval: minIntervalOf(output, shared),
          timeout: reloadMs,
        },
      }),
    },
  ];
}

function jsonFiles({ folder, services }: FileOutput, shared: Shared): readonly TemplatePlan[] {
  return services.map((service) => ({
    ...common(shared),
    target: { path: join(folder, `${service}.json`) },
    format: "json",
    generator: { kind: "synapse file", service, services: shared.discovered },
  }));
}

/** The random part spreads the reloads of many machines: it is drawn once for each of them. */
function minIntervalOf(
  {
    minReloadIntervalMs: leastMs,
    reloadJitter: jitter,
  }: Pick<HaproxyOutput, "minReloadIntervalMs" | "reloadJitter">,
  { random }: Shared,
): number {
  return Math.round(leastMs * (1 + jitter * random()));
}
