import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  encodeFrame,
  OPCODE,
  type RawConnection,
  type RawPeer,
  startRawPeer,
} from "../testing/sockets/raw_peer.ts";
import { test } from "../testing/test.ts";
import { createTestCa } from "../testing/sockets/test_ca.ts";
import { DEV_CONFIG } from "../testing/programs/acs_command.ts";
import { ON_DENO, within } from "./transports_under_test.ts";

const CHILD = fileURLToPath(new URL("./proxy_child.ts", import.meta.url));
const FLAGS = ON_DENO
  ? ["run", "--config", DEV_CONFIG, "-A"]
  : ["--experimental-strip-types", "--no-warnings"];

/** A name that only a proxy can resolve. */
const HOST = "acs.invalid";

/** Deno sends a second request, and its fetch retries once on its own. */
const MOST_CONNECTIONS = ON_DENO ? 3 : 1;

/** A running child process. */
interface Child {
  /** Resolves to what the child prints about its connection. */
  readonly outcome: Promise<Record<string, unknown>>;
  /** Makes the child abort. */
  abort(): void;
  /** Lets the child end and waits until it has exited on its own. */
  end(): Promise<void>;
  /** Kills it: what the application created may keep it alive. */
  kill(): void;
}

/** The way in which Node's WebSocket is broken, so that `ws` is used instead. */
const BREAKAGE = "a dispatcher that throws";

/** Node's own, and its replacement. */
const WEB_SOCKETS: readonly { readonly name: string; readonly breakage: readonly string[] }[] = [
  { name: "", breakage: [] },
  ...(ON_DENO ? [] : [{ name: " (with ws instead of Node's WebSocket)", breakage: [BREAKAGE] }]),
];

/** Starts a child that connects to `url` with these settings in its environment. */
function startChild(
  url: string,
  settings: Readonly<Record<string, string>>,
  change: readonly string[] = [],
): Child {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)),
  );
  const child = spawn(process.execPath, [...FLAGS, CHILD, url, ...change], {
    // Once a day, Deno checks for a newer version through the same proxy.
    env: { ...env, NODE_USE_ENV_PROXY: "1", DENO_NO_UPDATE_CHECK: "1", ...settings },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let output = "";
  const outcome = new Promise<Record<string, unknown>>((resolve, reject) => {
    child.stdout.on("data", (chunk: Uint8Array) => {
      output += new TextDecoder().decode(chunk);
      if (output.includes("\n")) resolve(JSON.parse(output));
    });
    exited.then((code) => reject(new Error(`the child ended with ${code} and printed nothing`)));
  });
  return {
    outcome: within(outcome, "the child's outcome").catch((error) => {
      child.kill("SIGKILL");
      throw error;
    }),
    abort: () => void child.stdin.write("abort\n"),
    kill: () => void child.kill("SIGKILL"),
    async end() {
      child.stdin.end();
      try {
        assert.equal(await within(exited, "the child to exit on its own"), 0);
      } finally {
        child.kill("SIGKILL");
      }
    },
  };
}

/** A TLS peer that greets and answers a close. */
async function greet(connection: RawConnection): Promise<void> {
  await connection.accept();
  connection.sendText("hello");
  const { payload } = await connection.readFrame();
  connection.write(encodeFrame(OPCODE.close, payload));
  connection.end();
  await connection.ended;
}

/** What a test uses: a greeting peer, a proxy, and the environment that points to both. */
interface ProxyScene {
  readonly peer: RawPeer;
  readonly proxy: RawPeer;
  /** The CONNECT lines that the proxy has read. */
  readonly requestLines: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
}

/** Runs `fn` with a peer and a proxy that answers a CONNECT with `answer`. */
async function withProxy(
  answer: (connection: RawConnection, peer: RawPeer) => void | Promise<void>,
  fn: (scene: ProxyScene) => Promise<void>,
  { secure = true } = {},
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "acs-proxy-"));
  const tls = await createTestCa([HOST]);
  const caFile = join(directory, "ca.pem");
  await writeFile(caFile, tls.ca);
  const peer = await startRawPeer(greet, secure ? { tls } : {});
  const requestLines: string[] = [];
  const proxy = await startRawPeer(async (connection) => {
    requestLines.push((await connection.readRequest()).line);
    await answer(connection, peer);
    await connection.ended;
  });
  try {
    const settings = {
      [secure ? "HTTPS_PROXY" : "HTTP_PROXY"]: proxy.url.replace("ws:", "http:"),
      NODE_EXTRA_CA_CERTS: caFile,
      DENO_CERT: caFile,
    };
    await fn({ peer, proxy, requestLines, settings });
  } finally {
    await proxy.close();
    await peer.close();
    await rm(directory, { recursive: true });
  }
}

/** Opens the tunnel. */
function tunnel(connection: RawConnection, peer: RawPeer): void {
  const onward = connectTcp(peer.port, "127.0.0.1");
  connection.write("HTTP/1.1 200 Connection established\r\n\r\n");
  connection.socket.pipe(onward).pipe(connection.socket);
  onward.on("error", () => connection.socket.destroy());
  connection.socket.on("close", () => onward.destroy());
}

for (const { name, breakage } of WEB_SOCKETS) {
  test(`A proxy named in the environment is used, and resolves the name${name}`, async () => {
    await withProxy(tunnel, async ({ peer, requestLines, settings }) => {
      const child = startChild(`wss://${HOST}:${peer.port}`, settings, breakage);
      assert.deepEqual(await child.outcome, { data: "hello" });
      await child.end();
      assert.deepEqual(requestLines, [`CONNECT ${HOST}:${peer.port} HTTP/1.1`]);
    });
  });

  test(`A host named in NO_PROXY is connected to directly${name}`, async () => {
    await withProxy(tunnel, async ({ peer, proxy, settings }) => {
      const child = startChild(peer.url, { ...settings, NO_PROXY: "127.0.0.1" }, breakage);
      assert.deepEqual(await child.outcome, { data: "hello" });
      await child.end();
      assert.equal(proxy.accepted, 0);
    });
  });

  test(`A proxy that refuses CONNECT causes a connection failure${name}`, async () => {
    const refuse = (connection: RawConnection) => {
      connection.write("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n");
      connection.end();
    };
    await withProxy(refuse, async ({ peer, proxy, settings }) => {
      const child = startChild(`wss://${HOST}:${peer.port}`, settings, breakage);
      const outcome = await child.outcome;
      const message = String(outcome["message"]);
      assert.equal(outcome["name"], "ConnectError");
      assert.match(message, /acs\.invalid/);
      // Deno does not expose the proxy's status.
      if (!ON_DENO) assert.match(message, /refused CONNECT with status 407/);
      await child.end();
      assert.ok(proxy.accepted <= MOST_CONNECTIONS, `${proxy.accepted} connections`);
    });
  });
}

for (const how of ["end", "reset"] as const) {
  test(`A proxy that answers CONNECT with ${how} is not called in a tight loop`, async () => {
    await withProxy((connection) => connection[how](), async ({ peer, proxy, settings }) => {
      const child = startChild(`wss://${HOST}:${peer.port}`, settings);
      const { name, message } = await child.outcome;
      assert.equal(name, "ConnectError");
      assert.match(String(message), /acs\.invalid/);
      // Long enough to reveal a client that keeps connecting: undici makes thousands of attempts.
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.ok(proxy.accepted <= MOST_CONNECTIONS, `${proxy.accepted} connections`);
      await child.end();
    });
  });
}

for (const { name, breakage } of WEB_SOCKETS) {
  test(`Aborting while a proxy does not answer CONNECT closes the socket to it${name}`, async () => {
    let child: Child | undefined;
    await withProxy(() => child?.abort(), async ({ peer, proxy, settings }) => {
      child = startChild(`wss://${HOST}:${peer.port}`, settings, breakage);
      assert.deepEqual(await child.outcome, { name: "Error", message: "abort requested" });
      await within(proxy.allClosed(), "the sockets to the proxy to close");
      await child.end();
    });
  });
}

if (!ON_DENO) {
  test("A proxy that the application gave to the global dispatcher is used instead of the environment's", async () => {
    await withProxy(tunnel, async ({ peer, proxy, requestLines, settings }) => {
      const url = `wss://${HOST}:${peer.port}`;
      const env = { ...settings, HTTPS_PROXY: "http://127.0.0.1:9" };
      const child = startChild(url, env, ["proxy", proxy.url.replace("ws:", "http:")]);
      assert.deepEqual(await child.outcome, { data: "hello" });
      child.kill();
      assert.deepEqual(requestLines, [`CONNECT ${HOST}:${peer.port} HTTP/1.1`]);
    });
  });

  // Deno requests the resource itself from such a proxy.
  for (const { name, breakage } of WEB_SOCKETS) {
    test(`A connection without TLS uses a tunnel, too${name}`, async () => {
      await withProxy(tunnel, async ({ peer, requestLines, settings }) => {
        const child = startChild(`ws://${HOST}:${peer.port}`, settings, breakage);
        assert.deepEqual(await child.outcome, { data: "hello" });
        await child.end();
        assert.deepEqual(requestLines, [`CONNECT ${HOST}:${peer.port} HTTP/1.1`]);
      }, { secure: false });
    });
  }
}

// Deno's WebSocket cannot be destroyed: there, the process has to be killed.
if (!ON_DENO) {
  test("A process exits on its own after closing a connection whose peer does not answer the close", async () => {
    const ignore = async (connection: RawConnection) => {
      await connection.accept();
      connection.sendText("hello");
      await connection.ended;
    };
    const peer = await startRawPeer(ignore);
    try {
      const child = startChild(peer.url, {});
      assert.deepEqual(await child.outcome, { data: "hello" });
      await child.end();
    } finally {
      await peer.close();
    }
  });
}
