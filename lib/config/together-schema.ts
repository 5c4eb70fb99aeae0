import { z } from "zod";
import { duration } from "../base/schema.ts";

const expectedMax = "expected a number of at least 1, or a share such as 25%";

const expectedGroup = "expected a name of letters, digits, dots, dashes and underscores";

const shareOf = (text: string) => ({ share: Number.parseFloat(text) / 100 });

const otherwiseSchema = z
  .strictObject({
    wait: duration("2m").describe(
      "How long the keyspace may be unreachable before `then` applies.",
    ),
    // biome-ignore lint/suspicious/noThenProperty: it is the name of a setting
    then: z
      .enum(["alone", "never"])
      .default("alone")
      .describe(
        "alone: reload without a turn, after a random time of up to 60s; never: wait until the keyspace is reachable.",
      ),
  })
  .prefault({})
  .describe("What a reload does for which no turn can be had, since the keyspace is unreachable.");

export const togetherSchema = z
  .strictObject({
    group: z
      .string(expectedGroup)
      .regex(/^[\w-][\w.-]*$/, expectedGroup)
      .describe("The watchers with the same name take turns."),
    max: z
      .union(
        [
          z
            .int(expectedMax)
            .min(1, expectedMax)
            .transform((count) => ({ count })),
          z
            .string(expectedMax)
            .regex(/^(100|[1-9]\d?)(\.\d+)?%$/, expectedMax)
            .transform(shareOf),
        ],
        expectedMax,
      )
      .prefault(1)
      .describe(
        "How many of them may reload at a time: a number, or a share of the running watchers of the group, and 1 at least. Where watchers " +
          "differ, the smallest one of those that wait counts.",
      ),
    hold: duration("60s").describe(
      "The longest that a watcher may have the turn: after that it goes to the next one, even if a reload has not ended.",
    ),
    settle: duration("5s").describe(
      "How long a watcher keeps its turn after a reload was verified.",
    ),
    otherwise: otherwiseSchema,
    canary: z
      .boolean()
      .default(false)
      .describe(
        "Whether the others wait, whatever max is, until the first watcher with the same templates has applied a change and kept its turn for `settle`.",
      ),
  })
  .describe(
    "Reloads in turns: of the watchers of a group, only a few reload their proxies at a time. Changes at run time and drains do not wait. See docs/turns.md.",
  );
