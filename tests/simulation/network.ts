/**
 * The network of a simulation: the transport and the `fetch` of the agent's session.
 *
 * @module
 */

import { ConnectError } from "../../errors.ts";
import type { Transport, TransportConnection, TransportRequest } from "../../wsclient/transport.ts";
import { UpgradeRefusedError } from "../../wsclient/upgrade_refused_error.ts";
import { seededRandom } from "../testing/fuzz/seeded_random.ts";
import { Link } from "./link.ts";
import { calmPath, type PathConditions } from "./path_conditions.ts";
import type { SimulatedAnswer, SimulatedRequest, SimulatedService } from "./service.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** Notified of the traffic. */
export interface NetworkWatch {
  /** A process of the agent begins to connect. */
  connecting(process: number, host: string, asksForCredentials: boolean): void;
  /** A process of the agent calls ECS. */
  asking(process: number): void;
  /** The answer of ECS has arrived. */
  answered(process: number, body: string): void;
  /** A frame was sent by a session. */
  sent(process: number, text: string): void;
  /** A frame has reached a session. */
  arrived(process: number, data: string | Uint8Array): void;
}

/** The network. */
export class Network {
  readonly conditions: PathConditions = calmPath();
  readonly #time: VirtualTime;
  readonly #service: SimulatedService;
  readonly #watch: NetworkWatch;
  readonly #seed: number;
  readonly #links: Set<Link> = new Set();
  #newest: Link | undefined;
  #count = 0;
  /** Ends everything of one process immediately. */
  #process = 0;

  constructor(time: VirtualTime, service: SimulatedService, seed: number, watch: NetworkWatch) {
    this.#time = time;
    this.#service = service;
    this.#seed = seed;
    this.#watch = watch;
  }

  /** The links of which at least one side is open. */
  get links(): readonly Link[] {
    return [...this.#links];
  }

  /** The link that was opened last. */
  get newest(): Link | undefined {
    return this.#newest;
  }

  /** How many connections were opened so far. */
  get count(): number {
    return this.#count;
  }

  /** The number of the running process of the agent. */
  get process(): number {
    return this.#process;
  }

  /** The conditions have changed. */
  changed(): void {
    for (const link of this.links) link.conditionsChanged();
  }

  /** The process of the agent is gone: its kernel resets its connections. */
  processEnded(): void {
    this.#process += 1;
    for (const link of this.links) {
      link.up.put({ bytes: 0, deliver: () => link.server.closed(1006, "") });
      link.client.end({ kind: "eof" });
    }
  }

  /** The transport and `fetch` of a new process of the agent. */
  connectionsOf(process: number): { readonly transport: Transport; readonly fetch: typeof fetch } {
    const isGone = () => process !== this.#process;
    return {
      transport: { connect: (request) => this.#connect(request, process, isGone) },
      fetch: async (_input, init) => {
        this.#watch.asking(process);
        const signal = init?.signal ?? new AbortController().signal;
        const answer = await this.#request(signal, isGone, () =>
          this.#service.discover({
            method: "POST",
            host: "ecs.simulated",
            target: "/",
            headers: Object.fromEntries(new Headers(init?.headers)),
            body: String(init?.body ?? ""),
          }));
        this.#watch.answered(process, answer.body);
        return new InstantResponse(answer);
      },
    };
  }

  async #connect(
    { url, headers, signal }: TransportRequest,
    process: number,
    isGone: () => boolean,
  ): Promise<TransportConnection> {
    const { host, pathname, search } = new URL(url);
    const asksForCredentials = search.includes("sendCredentials=true");
    if (!isGone()) this.#watch.connecting(process, host, asksForCredentials);
    const request: SimulatedRequest = {
      method: "GET",
      host,
      target: `${pathname}${search}`,
      headers: await headers(),
      body: "",
    };
    if (host !== this.#service.acsHost) {
      // The host has moved: nothing listens at its address any more.
      await this.#request(signal, isGone, () => Promise.resolve(undefined), "refused");
    }
    let link: Link | undefined;
    const ask = async () => {
      const verdict = await this.#service.upgrade(request);
      if (verdict === undefined || !("query" in verdict)) return verdict;
      link = this.#open(host, process);
      this.#service.accept(link, verdict.query);
      return { status: 101, body: "", date: this.#time.now };
    };
    const { status, body, date } = await this.#request(signal, isGone, ask).catch((error) => {
      // Cancelled while the answer was on its way.
      void link?.client.close(1001, "");
      throw error;
    });
    if (link !== undefined) return link.client;
    const serverDate = Math.floor(date / 1000) * 1000;
    throw new UpgradeRefusedError({ host, status, body, serverDate });
  }

  #open(host: string, process: number): Link {
    const link = new Link({
      time: this.#time,
      random: seededRandom(this.#seed + ++this.#count),
      conditions: this.conditions,
      host,
      onSent: (text) => this.#watch.sent(process, text),
      onArrived: (data) => this.#watch.arrived(process, data),
      onOver: (over) => {
        if (over.isClientOver && over.server.isClosed) this.#links.delete(over);
      },
    });
    this.#links.add(link);
    this.#newest = link;
    return link;
  }

  /** One exchange: request and answer; hangs if the network or the service does. */
  #request(
    signal: AbortSignal,
    isGone: () => boolean,
    ask: () => Promise<SimulatedAnswer | undefined>,
    connect = this.conditions.connect,
  ): Promise<SimulatedAnswer> {
    const { conditions } = this;
    const random = seededRandom(this.#seed ^ (this.#time.elapsedMs + 1));
    const oneWayMs = () => Math.ceil(conditions.latencyMs * (1 + random()));
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      const end = (settle: () => void) => {
        if (isGone()) return;
        signal.removeEventListener("abort", onAbort);
        settle();
      };
      const isLost = () =>
        isGone() || conditions.isPartitioned || connect === "hangs" || signal.aborted;
      if (isLost()) return;
      if (connect !== "works") {
        const systemCode = connect === "refused" ? "ECONNREFUSED" : "ENOTFOUND";
        const error = new ConnectError("cannot connect", { systemCode });
        this.#time.after("machine", 2 * oneWayMs(), () => end(() => reject(error)));
        return;
      }
      this.#time.after("world", oneWayMs(), () => {
        if (isLost()) return;
        void ask().then((answer) => {
          if (answer === undefined || isLost()) return;
          this.#time.after("machine", oneWayMs(), () => end(() => resolve(answer)));
        });
      });
    });
  }
}

/** A response whose body has already arrived. */
class InstantResponse extends Response {
  readonly #body: string;

  constructor({ status, body, date }: SimulatedAnswer) {
    super(body, {
      status,
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "content-length": String(body.length),
        "date": new Date(date).toUTCString(),
      },
    });
    this.#body = body;
  }

  override text(): Promise<string> {
    return Promise.resolve(this.#body);
  }
}
