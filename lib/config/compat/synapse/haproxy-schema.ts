import { z } from "zod";
import { path } from "../../../base/schema.ts";
import { amount, count, flag, inline, lines, optional, portNumber, word } from "../scalars.ts";

const command = z.string().min(1, "expected a shell command");

/** The settings of haproxy for all services. */
export const haproxySchema = z.strictObject({
  global: lines,
  defaults: lines,
  extra_sections: optional(z.record(inline, lines)),
  shared_frontend: optional(lines),
  bind_address: optional(word),
  do_writes: optional(flag),
  do_reloads: optional(flag),
  do_socket: optional(flag),
  do_checks: optional(flag),
  config_file_path: optional(path),
  candidate_config_file_path: optional(path),
  check_command: optional(command),
  reload_command: optional(command),
  socket_file_path: optional(z.union([path, z.array(path)])),
  restart_interval: optional(amount),
  restart_jitter: optional(amount),
  state_file_path: optional(path),
  state_file_ttl: optional(count),
  // A number has too few digits for the seeds that some programs write: it comes as its text.
  server_order_seed: optional(
    z.union([z.number(), z.string().regex(/^-?\d+$/)], "expected a whole number").transform(String),
  ),
  max_server_id: optional(count),
  use_nerve_weights: optional(flag),
});

const unknownField = /%\{(?!(?:host|port|name)\})[^}]*\}?/;
const expectedFields = "expected no other fields than %{host}, %{port} and %{name}";

/** The settings of haproxy for one service. */
export const haproxyServiceSchema = z.strictObject({
  disabled: optional(flag),
  port: z.union([portNumber.transform(String), z.string().regex(/^\S+$/)]).nullish(),
  bind_address: optional(word),
  bind_options: optional(inline),
  backend_name: optional(word),
  backend_order: optional(z.enum(["asc", "desc", "no_shuffle", "shuffle"])),
  cookie_value_method: optional(z.enum(["name", "hash"])),
  frontend: optional(lines),
  backend: optional(lines),
  listen: optional(lines),
  shared_frontend: optional(lines),
  server_options: inline.refine((text) => !unknownField.test(text), expectedFields).nullish(),
  server_port_override: optional(portNumber),
  use_nerve_weights: optional(flag),
});

export type HaproxyConfig = z.infer<typeof haproxySchema>;
export type HaproxyServiceConfig = Partial<z.infer<typeof haproxyServiceSchema>>;
