import { safeText } from "../../../internal/safe_get.ts";
import { type CheckOutcome, passed, skipped } from "../check.ts";
import { formatDuration } from "../../duration.ts";
import { openTls } from "../open_socket.ts";
import type { Target } from "../target.ts";

/** Certificates that expire sooner than this, in ms, cause a warning. */
const SOON_MS = 7 * 86_400_000;

/**
 * Checks that a host's certificate is trusted, is for its name, and is valid.
 *
 * @throws {ConnectError} If it is not, or there is no TLS.
 */
export async function checkTls(target: Target, timeoutMs: number): Promise<CheckOutcome> {
  if (!target.isSecure) return skipped("the endpoint is http:, without TLS");
  const { socket, certificate, version } = await openTls(target, timeoutMs);
  socket.destroy();
  const leftMs = Date.parse(certificate.valid_to) - Date.now();
  const issuer = safeText(certificate.issuer, "CN") ?? safeText(certificate.issuer, "O") ??
    "unknown";
  const detail = `${version ?? "TLS"}, by ${issuer}, ${formatDuration(leftMs)} left`;
  if (leftMs >= SOON_MS) return passed(detail);
  return {
    status: "warning",
    detail,
    cause: `The certificate of ${target.host} expires in ${formatDuration(leftMs)}.`,
    fix: "Have the certificate renewed.",
  };
}
