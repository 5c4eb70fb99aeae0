import { isDeepStrictEqual } from "node:util";
import { type ProxyConfig, proxySchema } from "../../proxy/kinds.ts";
import { formatOf } from "../../render/escape/format-of.ts";
import { checkCommandSchema } from "../check-command-schema.ts";
import type { TemplatePlan } from "../plan.ts";
import { defaultPrefixes, type ServiceFolders } from "../source-of.ts";
import { durationText } from "./duration-text.ts";
import { generatorSettings } from "./generator-settings.ts";
import { literal } from "./keyspace-settings.ts";
import { given, minimal, type Settings } from "./minimal.ts";

/** A template of a plan as it is written. `source` is the path that replaces its own one. */
export function templateSettings(
  template: TemplatePlan,
  source: string | undefined,
  folders: ServiceFolders,
): Settings {
  const { target, root = "", prefixes, outside, format, generator, proxy, isApart } = template;
  const { path, mode, owner, group, check } = target;
  return given({
    source: literal(source),
    target: literal(path),
    root: root === "" ? undefined : literal(root),
    prefixes: isDeepStrictEqual(prefixes, defaultPrefixes(root, folders))
      ? undefined
      : prefixes.map((prefix) => literal(prefix.slice(root.length)) || "/"),
    outside: outside === "fault" ? undefined : outside,
    format: format === formatOf(path, proxy?.type) ? undefined : format,
    mode: mode?.toString(8).padStart(4, "0"),
    owner: literal(owner),
    group: literal(group),
    check: check && checkSettings(literal(check.run), check.timeout),
    proxy: proxy && proxySettings(proxy),
    apart: isApart,
    generator: generator && generatorSettings(generator),
  });
}

/** A list alone, if the time limit is the default. */
function checkSettings(run: readonly string[], timeoutMs: number): unknown {
  const timeout = durationText(timeoutMs);
  const isDefault = isDeepStrictEqual(
    checkCommandSchema.parse({ run, timeout }),
    checkCommandSchema.parse(run),
  );
  return isDefault ? run : { run, timeout };
}

function proxySettings({ minInterval, timeout, ...proxy }: ProxyConfig): Settings {
  const times = { minInterval: durationText(minInterval), timeout: durationText(timeout) };
  return minimal(given({ ...literal(proxy), ...times }), proxySchema);
}
