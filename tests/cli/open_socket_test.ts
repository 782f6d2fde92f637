import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { openStream } from "../../cli/doctor/open_socket.ts";
import { startRawPeer } from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";

const HOST = "ecs.invalid";

for (
  const { what, password, decoded } of [
    { what: "an escaped plus sign", password: "a%2Bb", decoded: "a+b" },
    { what: "a percent sign that begins no escape", password: "100%", decoded: "100%" },
  ]
) {
  test(`The password in a proxy's URL may contain ${what}`, async () => {
    let login = "";
    const proxy = await startRawPeer(async (connection) => {
      const { headers } = await connection.readRequest();
      login = headers["proxy-authorization"] ?? "";
      connection.write("HTTP/1.1 200 OK\r\n\r\n");
      await connection.ended;
    });
    try {
      const socket = await openStream({
        host: HOST,
        hostname: HOST,
        port: 443,
        isSecure: true,
        proxy: { host: `127.0.0.1:${proxy.port}`, variable: "HTTPS_PROXY", isUsed: true },
        proxyUrl: new URL(`http://someone:${password}@127.0.0.1:${proxy.port}`),
      }, 10_000);
      socket.destroy();
      assert.equal(login, `Basic ${Buffer.from(`someone:${decoded}`).toString("base64")}`);
    } finally {
      await proxy.close();
    }
  });
}
