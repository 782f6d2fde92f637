/**
 * A life of years in one process: troubles of the reference agent's issue tracker for which only a
 * restart helped, one after the other.
 *
 * @module
 */

import type { FaultItem, ScheduleItem, WorkItem } from "./schedule.ts";
import { simulate, type SimulationResult } from "./simulate.ts";
import type { World } from "./world.ts";

/** A trouble. */
export interface Trouble {
  /** Where it was reported. */
  readonly issues: string;
  /** What happened, in the reports' sense. */
  readonly what: string;
  /** What causes it here; times are relative to its beginning. */
  readonly items: readonly (FaultItem | WorkItem)[];
}

/** What became of a trouble. */
export interface TroubleRow {
  readonly trouble: Trouble;
  /** How long the session took to notice, in ms; `undefined` if it never had to. */
  readonly noticedAfterMs: number | undefined;
  /** How long it took to be ready once the trouble was over, in ms; `undefined` if it was not. */
  readonly readyAfterMs: number | undefined;
  /** The names of the errors with which attempts failed. */
  readonly errors: readonly string[];
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const YEAR = 365.25 * 24 * HOUR;

const once = (fault: FaultItem["fault"], atMs = 0): FaultItem => ({
  atMs,
  fault,
  forMs: 0,
  size: 0.5,
});

const lasting = (fault: FaultItem["fault"], forMs: number, size = 0.5): FaultItem => ({
  atMs: 0,
  fault,
  forMs,
  size,
});

const burst: WorkItem = { atMs: SECOND, work: "run and stop many tasks", pick: 0.5 };

const at = (atMs: number, item: FaultItem): FaultItem => ({ ...item, atMs });

/** The same fault repeatedly. */
const repeated = (fault: FaultItem["fault"], count: number, everyMs: number): FaultItem[] =>
  Array.from({ length: count }, (_, number) => once(fault, number * everyMs));

/** The problems, as reported to aws/amazon-ecs-agent. */
export const TROUBLES: readonly Trouble[] = [
  {
    issues: "#103",
    what: "the service ends connections every nine minutes, and the agent is away for a minute",
    items: repeated("end of stream lost", 20, 9 * MINUTE),
  },
  {
    issues: "#108",
    what: "each connection is closed immediately with code 1011",
    items: [lasting("accepted and closed", 2 * HOUR, 0.9)],
  },
  {
    issues: "#219",
    what: "the service's host is gone without a word, and the agent stays disconnected",
    items: [once("half-open")],
  },
  {
    issues: "#240",
    what: "connections to ACS time out, hour after hour",
    items: [once("half-open"), lasting("connections hang", 3 * HOUR)],
  },
  {
    issues: "#250",
    what: "the stream ends without a close frame, and the agent stays disconnected",
    items: repeated("FIN", 6, 5 * HOUR),
  },
  {
    issues: "#270",
    what: "the name server does not respond",
    items: [once("reset"), lasting("host name unknown", 6 * HOUR)],
  },
  {
    issues: "#313",
    what: "the task engine deadlocks: the console and the instance disagree about the tasks",
    items: [lasting("stuck handlers", 3 * HOUR), burst],
  },
  {
    issues: "#316",
    what: "after days without a task the handshake is refused with AccessDeniedException",
    items: [lasting("upgrade refused", 12 * HOUR, 0.9), once("reset", SECOND)],
  },
  {
    issues: "#319",
    what: "a cleanup blocks the agent every 30 minutes, and tasks stay pending",
    items: [0, 1, 2, 3].flatMap((number) => [
      at(number * 30 * MINUTE, lasting("stuck handlers", 10 * MINUTE)),
      { ...burst, atMs: number * 30 * MINUTE + SECOND },
    ]),
  },
  {
    issues: "#501",
    what: "a proxy ends the connection when the service sends a payload: the agent flaps",
    items: [burst, ...repeated("cut inside a frame", 30, 2 * MINUTE)],
  },
  {
    issues: "#553",
    what: "the agent works until midnight and is disconnected until noon",
    items: [lasting("partition", 12 * HOUR)],
  },
  {
    issues: "#577",
    what: "a router has forgotten the connection: the log shows nothing",
    items: [once("router forgets")],
  },
  {
    issues: "#598",
    what: "a proxy drops connections that are idle for 50 s",
    items: [lasting("proxy forgets idle connections", 6 * HOUR)],
  },
  {
    issues: "#618",
    what: "twenty disconnections a day, some for more than five minutes",
    items: [...repeated("reset", 20, 70 * MINUTE), lasting("connections refused", 6 * MINUTE)],
  },
  {
    issues: "#753",
    what: "a container uses all memory: the machine thrashes until it is killed",
    items: [lasting("blocked thread", 25 * MINUTE), once("half-open", 5 * MINUTE)],
  },
  {
    issues: "#781",
    what: "the connection dies while many tasks are started",
    items: [lasting("slow handlers", 20 * MINUTE), burst, once("half-open", 10 * SECOND)],
  },
  {
    issues: "#985",
    what: "a connect hangs for hours",
    items: [once("half-open"), lasting("connections hang", 5 * HOUR)],
  },
  {
    issues: "#1285",
    what: "writes fail with a broken pipe, and everything stalls",
    items: [lasting("slow reader", HOUR), burst, once("router forgets", HOUR)],
  },
  {
    issues: "#1292",
    what: "the machine is so busy that the service closes the connection",
    items: [burst, lasting("blocked thread", 4 * MINUTE)],
  },
  {
    issues: "#1331",
    what: "an orderly close, and the next connect hangs for a day while credentials expire",
    items: [
      { ...once("close"), size: 0 },
      lasting("connections hang", 18 * HOUR),
      at(HOUR, lasting("keys stale", 2 * HOUR)),
    ],
  },
  {
    issues: "#1513",
    what: "the clock is ten minutes fast: signatures are refused",
    items: [lasting("clock set", 2 * HOUR, 0.4), once("reset", 30 * SECOND)],
  },
  {
    issues: "#1872",
    what: "the proxy answers the handshake with errors and time-outs",
    items: [
      lasting("upgrade answered by a proxy", 4 * HOUR, 0.3),
      at(4 * HOUR, lasting("service hangs", HOUR)),
    ],
  },
  {
    issues: "#1960",
    what: "the service accepts connections and sends nothing",
    items: [lasting("service silent", 8 * HOUR)],
  },
  {
    issues: "#627",
    what: "the instance is deregistered and registered again",
    items: [lasting("deregistered", 10 * MINUTE)],
  },
  {
    issues: "#2587",
    what: "a handler is stuck, and the agent says that it is healthy",
    items: [lasting("stuck handlers", HOUR), burst],
  },
  {
    issues: "#3184",
    what: "the instance's keys are rotated, and the provider's are stale",
    items: [lasting("keys stale", 2 * HOUR)],
  },
  {
    issues: "#5096",
    what: "a burst blocks the reading of the connection for half an hour",
    items: [burst, lasting("blocked thread", 30 * MINUTE)],
  },
];

/**
 * Runs troubles, spread over the years.
 *
 * @param years How many years.
 * @param seed The seed.
 * @param troubles The troubles; by default all.
 */
export async function runYears(
  years: number,
  seed: number,
  troubles: readonly Trouble[] = TROUBLES,
): Promise<{ readonly rows: readonly TroubleRow[]; readonly result: SimulationResult }> {
  const forMs = years * YEAR;
  const everyMs = forMs / (troubles.length + 1);
  const begins = troubles.map((_, index) => Math.round(everyMs * (index + 1)));
  const schedule: ScheduleItem[] = [
    ...dailyWork(forMs),
    ...troubles.flatMap(({ items }, index) =>
      items.map((item) => ({ ...item, atMs: item.atMs + (begins[index] ?? 0) }))
    ),
  ].sort((one, other) => one.atMs - other.atMs);
  const watch = new TroubleWatch(troubles, begins);
  const result = await simulate({
    seed,
    schedule,
    forMs,
    observe: (world) => watch.observe(world),
  });
  return { rows: watch.rows, result };
}

/** A task is run and stopped each day, and its credentials are rotated. */
function dailyWork(forMs: number): WorkItem[] {
  const items: WorkItem[] = [];
  for (let atMs = HOUR; atMs < forMs - HOUR; atMs += 24 * HOUR) {
    items.push({ atMs, work: "run a task", pick: 0.5 });
    items.push({ atMs: atMs + 6 * HOUR, work: "rotate a task's credentials", pick: 0.5 });
    items.push({ atMs: atMs + 12 * HOUR, work: "stop a task", pick: 0.9 });
  }
  return items;
}

/** What shows that the session has noticed something. */
const NOTICES = new Set(["disconnected", "connectfailed", "suspended", "stuck", "backlogged"]);

class TroubleWatch {
  readonly #troubles: readonly Trouble[];
  readonly #begins: readonly number[];
  readonly #errors: ReadonlyMap<Trouble, Set<string>>;
  readonly #noticed: (number | undefined)[] = [];
  readonly #ready: (number | undefined)[] = [];

  constructor(troubles: readonly Trouble[], begins: readonly number[]) {
    this.#troubles = troubles;
    this.#begins = begins;
    this.#errors = new Map(troubles.map((trouble) => [trouble, new Set<string>()]));
  }

  get rows(): TroubleRow[] {
    return this.#troubles.map((trouble, index) => ({
      trouble,
      errors: [...this.#errors.get(trouble) ?? []],
      noticedAfterMs: this.#noticed[index],
      readyAfterMs: this.#ready[index],
    }));
  }

  observe(world: World): ReturnType<NonNullable<Parameters<typeof simulate>[0]["observe"]>> {
    const current = () => this.#begins.findLastIndex((at) => at <= world.time.elapsedMs);
    const notice = () => {
      const index = current();
      if (index >= 0) this.#noticed[index] ??= world.time.elapsedMs - (this.#begins[index] ?? 0);
    };
    return {
      reported: (type, detail) => {
        const error: unknown = Reflect.get(detail, "error");
        const trouble = this.#troubles[current()];
        if (type === "connectfailed" && error instanceof Error && trouble !== undefined) {
          this.#errors.get(trouble)?.add(error.name);
        }
        // The service ends each connection after half an hour.
        if (String(Reflect.get(detail, "reason")).includes("ConnectionExpired")) return;
        if (NOTICES.has(type)) notice();
      },
      look: () => {
        const index = current();
        const { health } = world;
        if (index < 0 || health === undefined) return;
        if (!health.ready) notice();
        if (health.ready && world.calmForMs > 0) this.#ready[index] ??= world.calmForMs;
      },
    };
  }
}
