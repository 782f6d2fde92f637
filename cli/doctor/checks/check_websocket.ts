import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { ConnectError } from "../../../errors.ts";
import { redirectOrigin } from "../../../internal/redirect_origin.ts";
import { isServiceException } from "../../../wsclient/service_exception.ts";
import { parseDateHeader } from "../../../wsclient/signing/clock_skew.ts";
import { explainRefusal } from "../../../wsclient/refused_upgrade.ts";
import { type CheckOutcome, failed, passed } from "../check.ts";
import { openStream, openTls } from "../open_socket.ts";
import type { Target } from "../target.ts";

/** How much of an answer is read, in bytes. */
const MAX_ANSWER_BYTES = 65_536;

/**
 * Checks that ACS answers an upgrade. The request is not signed, so that it displaces no agent: ACS
 * refuses it with one of its exceptions, and any other server in a different way.
 *
 * @param acsUrl The URL of ACS.
 * @throws {ConnectError} If there is no answer.
 */
export async function checkWebSocket(
  acsUrl: string,
  target: Target,
  timeoutMs: number,
): Promise<CheckOutcome> {
  const socket = target.isSecure
    ? (await openTls(target, timeoutMs)).socket
    : await openStream(target, timeoutMs);
  try {
    const path = new URL("ws", acsUrl.endsWith("/") ? acsUrl : `${acsUrl}/`).pathname;
    socket.write([
      `GET ${path} HTTP/1.1`,
      `Host: ${target.host}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${
        Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64")
      }`,
      "\r\n",
    ].join("\r\n"));
    return outcomeOfAnswer(target, await readAnswer(socket, target, timeoutMs));
  } finally {
    socket.destroy();
  }
}

function outcomeOfAnswer(target: Target, answer: string): CheckOutcome {
  const [head = "", body = ""] = answer.split(/\r\n\r\n(.*)/s);
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0);
  if (status === 101) return passed("accepts an upgrade without a signature");
  const error = explainRefusal({
    host: target.host,
    status,
    body,
    serverDate: parseDateHeader(headerOf(head, "date")),
    redirectsTo: redirectOrigin(`https://${target.host}/`, headerOf(head, "location")),
  }, []);
  if (!isServiceException(error)) return failed(error);
  return passed("refuses an unsigned upgrade, as it should");
}

function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1]?.trim();
}

/** Reads an answer until it is complete, by its length or by the end of the connection. */
function readAnswer(socket: Socket, { host, proxy }: Target, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const fail = (systemCode: string, cause?: unknown) => {
      clearTimeout(timer);
      const what = `${host} did not respond to the upgrade`;
      reject(new ConnectError(what, { host, proxy, systemCode, phase: "upgrade", cause }));
    };
    const timer = setTimeout(() => fail("ETIMEDOUT"), timeoutMs);
    const finish = () => {
      clearTimeout(timer);
      if (text === "") fail("ECONNRESET");
      else resolve(text);
    };
    socket.on("data", (chunk) => {
      text += Buffer.from(chunk).toString("latin1");
      if (isComplete(text)) finish();
    });
    socket.once("end", finish);
    socket.once("error", (error) => fail("ECONNRESET", error));
  });
}

function isComplete(text: string): boolean {
  if (text.length >= MAX_ANSWER_BYTES) return true;
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return false;
  const head = text.slice(0, headEnd);
  if (/^HTTP\/1\.\d 101/.test(head)) return true;
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length === undefined) return /\r\n0\r\n/.test(text);
  return text.length >= headEnd + 4 + Number(length);
}
