import { z } from "zod";
import { path } from "../../../base/schema.ts";
import { amount, flag, inline, lines, optional, portNumber, word } from "../scalars.ts";

const command = z.string().min(1, "expected a shell command");

/** The settings of nginx for all services, as the plug-in synapse-nginx has them. */
export const nginxSchema = z.strictObject({
  contexts: z.object({ main: lines, events: lines }).catchall(lines),
  do_writes: optional(flag),
  config_file_path: optional(path),
  check_command: optional(command),
  do_reloads: optional(flag),
  reload_command: optional(command),
  start_command: optional(command),
  restart_interval: optional(amount),
  restart_jitter: optional(amount),
  listen_address: optional(word),
});

/** The settings of nginx for one service. */
export const nginxServiceSchema = z.strictObject({
  disabled: optional(flag),
  mode: optional(z.enum(["http", "tcp"])),
  port: optional(portNumber),
  listen_address: optional(word),
  listen_options: optional(inline),
  server: optional(lines),
  upstream: optional(lines),
  server_options: optional(inline),
  upstream_order: optional(z.enum(["asc", "desc", "no_shuffle", "shuffle"])),
  upstream_name: optional(word),
});

export type NginxConfig = z.infer<typeof nginxSchema>;
export type NginxServiceConfig = Partial<z.infer<typeof nginxServiceSchema>>;
