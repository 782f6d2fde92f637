import type { PeerCertificate } from "node:tls";
import { ConnectError } from "../../../errors.ts";
import { oneLine } from "../../../internal/one_line.ts";
import { safeText } from "../../../internal/safe_get.ts";
import { type CheckOutcome, failed, passed, skipped } from "../check.ts";
import { formatDuration } from "../../duration.ts";
import { openTls, peekCertificate } from "../open_socket.ts";
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
  const stream = await openTls(target, timeoutMs).catch((error) =>
    refusal(error, target, timeoutMs)
  );
  if ("status" in stream) return stream;
  const { socket, certificate, version } = stream;
  socket.destroy();
  const leftMs = Date.parse(certificate.valid_to) - Date.now();
  const detail = `${version ?? "TLS"}, by ${issuerOf(certificate)}, ${formatDuration(leftMs)} left`;
  if (leftMs >= SOON_MS) return passed(detail);
  return {
    status: "warning",
    detail,
    cause: `The certificate of ${target.host} expires in ${formatDuration(leftMs)}.`,
    fix: "Have the certificate renewed.",
  };
}

/** The failure, with details of the certificate if the server presents one. */
async function refusal(error: unknown, target: Target, timeoutMs: number): Promise<CheckOutcome> {
  const first = failed(error);
  if (!first.code?.startsWith("ACS-T")) return first;
  const certificate = await peekCertificate(target, timeoutMs);
  if (certificate === undefined) return first;
  const outcome = failed(withValidity(error, target, certificate));
  const detail = describe(certificate, outcome.code);
  return detail === undefined ? outcome : { ...outcome, detail };
}

/** Detects expired certificates: Deno reports them as issued by an unknown authority. */
function withValidity(error: unknown, { host, proxy }: Target, certificate: PeerCertificate) {
  const now = Date.now();
  const isLate = now > Date.parse(certificate.valid_to);
  const isEarly = now < Date.parse(certificate.valid_from);
  if (!isLate && !isEarly) return error;
  const systemCode = isLate ? "CERT_HAS_EXPIRED" : "CERT_NOT_YET_VALID";
  const what = `the certificate of ${host} is not valid now`;
  return new ConnectError(what, { host, proxy, systemCode, phase: "tls", cause: error });
}

/** Describes what is wrong with a certificate, quoting the certificate. */
function describe(certificate: PeerCertificate, code: string | undefined): string | undefined {
  switch (code) {
    case "ACS-T01":
      return `unknown authority: ${issuerOf(certificate)}`;
    case "ACS-T02":
      return `valid from ${dateOf(certificate.valid_from)} to ${dateOf(certificate.valid_to)}`;
    case "ACS-T03":
      return `for another name: ${namesOf(certificate)}`;
    default:
      return undefined;
  }
}

function dateOf(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? "an unknown date" : date.toISOString().slice(0, 10);
}

/** Maximum length of a name in the report, in characters. */
const MAX_NAME_LENGTH = 100;

function issuerOf({ issuer }: PeerCertificate): string {
  return oneLine(safeText(issuer, "CN") ?? safeText(issuer, "O") ?? "unknown", MAX_NAME_LENGTH);
}

function namesOf({ subject, subjectaltname }: PeerCertificate): string {
  const names = (subjectaltname ?? "").replaceAll("DNS:", "");
  return oneLine(names || (safeText(subject, "CN") ?? "unknown"), MAX_NAME_LENGTH);
}
