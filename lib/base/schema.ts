import { z } from "zod";
import { parseDuration, unitNames } from "./duration.ts";

/** Spelled out, so that the field is optional in the input type. */
type Duration = z.ZodPipe<z.ZodDefault<z.ZodString>, z.ZodTransform<number, string>>;

const expected = "expected a duration such as 250ms, 10s or 2m";
const written = z.string(expected).regex(new RegExp(`^\\d+(\\.\\d+)?(${unitNames})$`), expected);
const inMs = (text: string) => parseDuration(text) ?? 0;

/** A duration as written in a configuration (`250ms`, `10s`, `2m`), parsed to milliseconds; `preset` if omitted. */
export function duration(preset: string): Duration {
  return written.default(preset).transform(inMs);
}

/** A duration without a default. */
export const optionalDuration = written.transform(inMs).optional();

/** A program and its arguments. */
export const argv = z
  .array(z.string())
  .min(1, "expected a program and its arguments, such as [systemctl, reload, nginx]")
  .meta({ title: "command", description: "A program and its arguments; no shell is involved." });

export const port = z.int().min(1).max(65_535);

/** A file or folder. A relative path is resolved against the folder of the file that contains it. */
export const path = z.string().min(1, "expected a path").meta({ format: "path" });
