/**
 * Classifies Deno's network errors. They have no code, but their texts contain one.
 *
 * @module
 */

/** How much of a text is searched, in UTF-16 code units: a peer's certificate may lengthen it. */
const MAX_TEXT_LENGTH = 1_000;

/**
 * The code that other runtimes give such an error.
 *
 * @param text The error's text.
 * @returns Such as `ECONNREFUSED` or `ENOTFOUND`, or `undefined` if the text contains none.
 */
export function denoErrorCode(text: string): string | undefined {
  const start = text.slice(0, MAX_TEXT_LENGTH);
  return systemCode(start) ?? dnsCode(start) ?? certificateCode(start) ?? tlsCode(start) ??
    sentenceCode(start);
}

function systemCode(text: string): string | undefined {
  const number = /\(os error ([1-9]\d{0,5})\)/.exec(text)?.[1];
  if (number === undefined) return undefined;
  // Loaded lazily: a process whose connections do not fail does not need it.
  const { getSystemErrorName } = globalThis.process.getBuiltinModule("node:util");
  const name = getSystemErrorName(-Number(number));
  return name?.startsWith("E") ? name : undefined;
}

function dnsCode(text: string): string | undefined {
  if (!text.includes("dns error")) return undefined;
  return text.includes("Temporary failure") ? "EAI_AGAIN" : "ENOTFOUND";
}

/** rustls: the data was not TLS, the other side refused, or there is nothing in common. */
function tlsCode(text: string): string | undefined {
  const [, name] =
    /received (?:corrupt message of type|fatal alert:) (?:the server )?(\w+)/.exec(text) ?? [];
  if (name !== undefined) return name;
  return text.includes("peer is incompatible") ? "PeerIncompatible" : undefined;
}

/** Phrases in errors from hyper and Deno's proxy client, with the corresponding names. */
const SENTENCES: readonly (readonly [string, string])[] = [
  ["connection closed before message completed", "IncompleteMessage"],
  ["error reading a body from connection", "IncompleteMessage"],
  ["invalid HTTP version parsed", "ParseError"],
  ["invalid HTTP status-code parsed", "ParseError"],
  ["invalid HTTP header parsed", "ParseError"],
  ["proxy authentication required", "ProxyAuthRequired"],
  ["unsuccessful tunnel", "TunnelUnsuccessful"],
  ["tunnel error: unsuccessful", "TunnelUnsuccessful"],
];

function sentenceCode(text: string): string | undefined {
  return SENTENCES.find(([sentence]) => text.includes(sentence))?.[1];
}

/** Phrases in rustls's errors about a certificate, with the corresponding names. */
const CERTIFICATE_SENTENCES: readonly (readonly [string, string])[] = [
  ["certificate not valid for name", "NotValidForName"],
  ["certificate expired", "Expired"],
  ["certificate not valid yet", "NotValidYet"],
];

function certificateCode(text: string): string | undefined {
  const said = /invalid peer certificate: (.*)$/s.exec(text)?.[1];
  if (said === undefined) return undefined;
  const sentence = CERTIFICATE_SENTENCES.find(([start]) => said.startsWith(start));
  // Everything else is a name, possibly nested in others.
  return sentence?.[1] ?? /(\w+)\)*$/.exec(said)?.[1];
}
