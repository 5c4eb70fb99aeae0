import { z } from "zod";
import { duration, optionalDuration, path } from "../base/schema.ts";
import { proxySchema } from "../proxy/kinds.ts";
import { kinds as formats } from "../render/escape/kinds.ts";
import { checkCommandSchema } from "./check-command-schema.ts";
import { folderSchema, prefixSchema } from "./folder-schema.ts";
import { generatorSchema } from "./generator-schema.ts";
import { guardSchema } from "./guard-schema.ts";
import { limitsSchema } from "./limits-schema.ts";
import { policiesSchema } from "./policies-schema.ts";
import { sourcesSchema } from "./sources-schema.ts";

/** A wait that may not be 0: a loop without a wait would retry without end. */
const backoff = (preset: string) =>
  duration(preset).refine((ms) => ms >= 1, "expected a duration of at least 1ms");

const expectedMode = 'expected permissions as a string, such as "0644"';

const expectedAccount = "expected a name or a number";

/** A user or a group. */
const accountSchema = z
  .union([z.string(expectedAccount).regex(/^[^\s:]+$/, expectedAccount), z.int().min(0)])
  .transform(String);

const templateSchema = z
  .strictObject({
    source: path
      .optional()
      .describe(
        "The template: a file, or the name of a shipped template where there is no such file. A file named `*.tmpl` is a Go template.",
      ),
    generator: generatorSchema.optional(),
    target: path.describe("The file to write."),
    prefixes: z
      .array(prefixSchema)
      .min(1, "expected at least one folder such as /services")
      .optional()
      .describe(
        "The folders of the keyspace that the template can read; / for all keys except sidekick's own below /sidekick. Default: " +
          "the folder of the services, watch.services, and those of watch.sources, or the root of the template if all of them " +
          "are elsewhere. A source is visible if all of its folders are.",
      ),
    root: folderSchema
      .optional()
      .describe(
        "The folder of the keyspace that the template sees as /, below watch.root: its prefixes and the keys that it reads are " +
          "relative to it, and it cannot read any other key.",
      ),
    outside: z
      .enum(["fault", "absent"])
      .optional()
      .describe(
        "What a key or folder outside of the prefixes is to the template: a fault, or absent as for confd. Default: fault.",
      ),
    format: z
      .enum(Object.keys(formats) as (keyof typeof formats)[])
      .optional()
      .describe(
        "The syntax of the target, which values from the keyspace must not break. Default: that of the proxy, " +
          "else by the target's name: *.json is json, *.sh and *.env are shell, *.cfg and names with " +
          "haproxy are haproxy, *.conf and names with nginx are nginx, all others plain. unchecked allows every value.",
      ),
    mode: z
      .string(expectedMode)
      .regex(/^[0-7]{3,4}$/, expectedMode)
      .optional()
      .describe("The permissions of the target. Default: unchanged, and 0644 for a new file."),
    owner: accountSchema
      .optional()
      .describe(
        "The user that owns the target, by name or number. Default: unchanged, and that of sidekick for a new file.",
      ),
    group: accountSchema
      .optional()
      .describe(
        "The group of the target, by name or number. Default: unchanged, and that of sidekick for a new file.",
      ),
    check: checkCommandSchema.optional(),
    proxy: proxySchema.optional().describe("The program that reads the target."),
    apart: z
      .boolean()
      .optional()
      .describe(
        "Whether the target changes alone, and its proxy reloads for it alone, although other templates have the same proxy: " +
          "then none of them can delay it. Default: false, so that they change together.",
      ),
  })
  .refine(({ source, generator }) => (source === undefined) !== (generator === undefined), {
    error: "expected either source (a template) or generator",
    path: ["source"],
  });

const settleSchema = z
  .strictObject({
    quiet: optionalDuration.describe(
      "Debounce: the first change is applied at once; changes that follow are applied once none has arrived for this long. " +
        "Default: 50ms where a program has to be reloaded. Where it need not be (a file without a proxy, servers of haproxy that " +
        "change at run time), 5ms but 10ms at most, and a pause as long as the last update took.",
    ),
    atMost: duration("1s").describe("The longest that a change is delayed."),
  })
  .prefault({})
  .describe("How changes in quick succession are combined into one update.");

const retrySchema = z
  .strictObject({
    first: backoff("500ms").describe("The wait after the first failure; doubles with each one."),
    atMost: backoff("30s").describe("The longest wait."),
  })
  .prefault({})
  .describe("Back-off after a failed update.");

export const watchSchema = z
  .strictObject({
    root: folderSchema
      .optional()
      .describe(
        "The folder of the keyspace that all templates see as /, such as /production; watch.services and the folders of " +
          "watch.sources are below it. Default: the root of the keyspace.",
      ),
    services: z
      .union([folderSchema, z.literal(false)])
      .default("/services")
      .describe(
        "The folder of the keyspace that contains a sub-folder for each service; false if there are only those of sources, or if templates read keys alone.",
      ),
    sources: sourcesSchema.optional(),
    settle: settleSchema,
    retry: retrySchema,
    limits: limitsSchema,
    guard: guardSchema,
    policies: policiesSchema.optional(),
    resolve: z
      .boolean()
      .default(true)
      .describe(
        "Whether host names of instances are resolved for files with a check command or a proxy: an instance " +
          "without an address is quarantined. See docs/refusals.md.",
      ),
    refresh: optionalDuration
      .refine((ms) => ms === undefined || ms >= 1000, "expected a duration of at least 1s")
      .describe(
        "How often files are rendered although nothing has changed, for templates that look up names, or read the clock or files " +
          "of this machine. Default: never.",
      ),
    acknowledge: z
      .boolean()
      .default(true)
      .describe(
        "Whether presence agents that drain an instance can wait for this watcher: it registers below " +
          "/sidekick/watchers and lists there the instances that its proxies no longer send requests to.",
      ),
    drift: z
      .enum(["report", "repair"])
      .default("report")
      .describe(
        "The action after something else has changed a file, or what its proxy serves: report it, and overwrite it with the " +
          "next change; or repair it at once, every 10s at most.",
      ),
    snapshotCache: z
      .union([path, z.literal(false)])
      .optional()
      .describe(
        "The file that keeps the last known state of the keyspace, for a start while the keyspace is unreachable; " +
          "false for none. Default: see docs/served.md.",
      ),
    templates: z
      .array(templateSchema)
      .min(1, "expected at least one template")
      .describe("The files to render."),
  })
  .refine(
    ({ services, sources, templates }) =>
      services !== false || sources || templates.every(({ prefixes, root }) => prefixes ?? root),
    {
      error: "expected sources, or prefixes or root for each template, since services is false",
      path: ["services"],
    },
  )
  .describe("The watch agent: follows the keyspace, renders files and makes proxies use them.");
