/**
 * Whether Node requests keys from the metadata services through a proxy. They are link-local: no
 * proxy reaches those of this machine, and one that reaches its own gives away its own keys.
 *
 * @module
 */

/** The IPv4 addresses of the metadata services of EC2 and ECS. */
const ADDRESSES = ["169.254.169.254", "169.254.170.2"];

/** The part of the process that determines it. */
export interface ProcessSettings {
  /** The environment's variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The runtime's own flags. */
  readonly execArgv: readonly string[];
}

/**
 * An addition to an error about missing keys. Node's `http`, with which the AWS SDK calls metadata
 * services, has read the variables by the time a library runs; Deno's ignores them.
 *
 * @param settings The process. Default: this one on Node, none on Deno.
 * @returns A part of a sentence that begins with a semicolon, or an empty string.
 */
export function metadataProxyHint(
  settings: ProcessSettings | undefined = thisProcess(),
): string {
  if (settings === undefined) return "";
  const { env, execArgv } = settings;
  const usesProxy = env["NODE_USE_ENV_PROXY"] === "1" ||
    [env["NODE_OPTIONS"] ?? "", ...execArgv].some((flags) => flags.includes("--use-env-proxy"));
  if (!usesProxy || !(env["http_proxy"] || env["HTTP_PROXY"])) return "";
  const direct = (env["no_proxy"] || env["NO_PROXY"] || "").split(/[\s,]+/);
  if (direct.includes("*") || ADDRESSES.every((address) => direct.includes(address))) return "";
  return "; Node calls metadata services through HTTP_PROXY unless NO_PROXY contains" +
    ` ${ADDRESSES.join(" and ")}`;
}

/** On Deno each variable needs a permission, and requesting it may prompt the user. */
function thisProcess(): ProcessSettings | undefined {
  return "Deno" in globalThis ? undefined : globalThis.process;
}
