/**
 * Which hosts are this machine.
 *
 * Hosts that are this machine.
 */

/**
 * Whether a URL's host denotes this machine, judging by the name alone; nothing is resolved. The
 * URL parser has already normalized letter case, IPv4 addresses in any base and IPv6 addresses of
 * any length.
 *
 * @param url The URL.
 * @returns Whether its host is `localhost`, a name below it, in 127.0.0.0/8, or `::1`.
 */
export function isLoopback(url: URL): boolean {
  const name = url.hostname.replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost") || name === "[::1]" ||
    IPV4_LOOPBACK.test(name) || IPV4_LOOPBACK_IN_IPV6.test(name);
}

const IPV4_LOOPBACK = /^127(\.\d+){3}$/;

/** `::ffff:127.0.0.1`, as the URL parser writes it. */
const IPV4_LOOPBACK_IN_IPV6 = /^\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\]$/;
