/** The settings by which a configuration of each program is recognized. */
const marks = [
  ["Nerve", /(?:^|[{,])\s*["']?(?:instance_id|zk_path|reporter_type|check_interval)["']?\s*:/m],
  ["Synapse", /(?:^|[{,])\s*["']?(?:discovery|haproxy|default_servers|file_output)["']?\s*:/m],
] as const;

/** Whose configuration a text that is not sidekick's seems to be; undefined if it is not known. */
export function programOf(text: string): "Nerve" | "Synapse" | undefined {
  return marks.find(([, mark]) => mark.test(text))?.[0];
}
