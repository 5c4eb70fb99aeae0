/** The services that are DNS and /etc/hosts. */
const covered: readonly string[] = ["files", "dns"];

/** Whether the C library may find names elsewhere than in /etc/hosts and DNS, according to /etc/nsswitch.conf. */
export function hasOtherServices(text: string): boolean {
  const [, line] = /^\s*hosts:([^#\n]*)/m.exec(text) ?? [];
  const services = (line ?? "").replace(/\[[^\]]*\]/g, " ").match(/\S+/g) ?? [];
  return services.some((one) => !covered.includes(one));
}
