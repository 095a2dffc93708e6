// Where requests on somebody else's behalf may go: addresses of the open internet, unless an owner allows more.
import { BlockList, isIP } from "node:net";

/** IANA's special-purpose registry: this machine, private networks, link-local ones, documentation, multicast. */
const special4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** Of those that are reachable at all. */
const special6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

/** An IPv4 address may be written behind these. */
const embedding = ["::ffff:", "64:ff9b::"];

interface Lists {
  readonly special: BlockList;
  readonly reachable6: BlockList;
}

let lists: Lists | null = null;

/** Made when somebody asks: most runtimes never do. */
function listsOf(): Lists {
  if (lists) return lists;
  const special = new BlockList();
  const reachable6 = new BlockList();
  for (const [network, prefix] of special4) {
    special.addSubnet(network, prefix, "ipv4");
    for (const before of embedding) special.addSubnet(`${before}${network}`, 96 + prefix, "ipv6");
  }
  for (const [network, prefix] of special6) special.addSubnet(network, prefix, "ipv6");
  reachable6.addSubnet("2000::", 3, "ipv6");
  for (const before of embedding) reachable6.addSubnet(`${before}0.0.0.0`, 96, "ipv6");
  lists = { special, reachable6 };
  return lists;
}

/** False for what is no address, too. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  const { special, reachable6 } = listsOf();
  if (family === 4) return !special.check(address, "ipv4");
  // An address with a zone (fe80::1%eth0) belongs to one link.
  if (family !== 6 || address.includes("%")) return false;
  return reachable6.check(address, "ipv6") && !special.check(address, "ipv6");
}

/**
 * Why no request may go there, as the end of a sentence that begins with the URL; null where it may. What a name stands for is known
 * when it is looked up.
 */
export function problemOfUrl(text: string, allowPrivate: boolean): string | null {
  if (!URL.canParse(text)) return "is not a URL";
  const { protocol, username, password, hostname } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:")
    return `begins with ${protocol}, not with https: or http:`;
  if (username !== "" || password !== "") return "carries a name or password; leave them out";
  if (allowPrivate) return null;
  const host = hostname.replace(/^\[|\]$/g, "");
  const isLocal = /^(.*\.)?localhost\.?$/.test(host) || (isIP(host) !== 0 && !isPublic(host));
  return isLocal ? `leads to ${host}, which is not a public address` : null;
}
