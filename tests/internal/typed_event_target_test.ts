import assert from "node:assert/strict";
import { configure, type LoggerConfig, type LogRecord, reset } from "@logtape/logtape";
import { AcsEmulator } from "../../emulator/mod.ts";
import { safeLogger } from "../../internal/safe_logger.ts";
import { TypedEventTarget } from "../../internal/typed_event_target.ts";
import { countListeners } from "../testing/measuring/count_listeners.ts";
import { test } from "../testing/test.ts";

interface Events {
  added: { readonly n: number };
  ended: undefined;
}

function createTarget(): TypedEventTarget<Events> {
  return new TypedEventTarget<Events>(safeLogger(["test", "events"]));
}

/** Prevents LogTape from printing its own hint. */
const META_LOGGER: LoggerConfig<never, never> = {
  category: ["logtape", "meta"],
  sinks: [],
  lowestLevel: "fatal",
};

/** Collects what is printed with console.error while a function runs. */
async function printedBy(fn: () => void | Promise<void>): Promise<readonly string[]> {
  const printed: string[] = [];
  const output = globalThis.console;
  const { error } = output;
  output.error = (text: string) => void printed.push(text);
  try {
    await fn();
    // A listener's rejection surfaces in a later turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
  } finally {
    output.error = error;
  }
  return printed;
}

/** Makes listeners throw, synchronously and later. */
function emitToBrokenListeners(target: TypedEventTarget<Events>): number {
  let called = 0;
  target.addEventListener("added", () => {
    called += 1;
    throw new Error("broke now");
  });
  target.addEventListener("added", () => {
    called += 1;
    return Promise.reject(new Error("broke later"));
  });
  target.addEventListener("added", () => {
    called += 1;
  });
  target.emit("added", { n: 1 });
  return called;
}

test("Listeners get the event's type and detail, in the order in which they were added", () => {
  const target = createTarget();
  const seen: string[] = [];
  target.addEventListener("added", ({ type, detail }) => seen.push(`first ${type} ${detail.n}`));
  target.addEventListener("added", ({ detail }) => seen.push(`second ${detail.n}`));
  target.addEventListener("ended", () => seen.push("ended"));

  target.emit("added", { n: 1 });
  target.emit("ended", undefined);

  assert.deepEqual(seen, ["first added 1", "second 1", "ended"]);
});

test("A listener that is added twice is called once, and not at all once it is removed", () => {
  const target = createTarget();
  const seen: number[] = [];
  const listener = ({ detail }: CustomEvent<{ readonly n: number }>) => seen.push(detail.n);
  target.addEventListener("added", listener);
  target.addEventListener("added", listener, { once: true });
  target.emit("added", { n: 1 });
  target.emit("added", { n: 2 });
  target.removeEventListener("added", listener);
  target.removeEventListener("added", listener);
  target.emit("added", { n: 3 });

  assert.deepEqual(seen, [1, 2]);
});

test("`once` ends with the first event, even if the listener emits that event again", () => {
  const target = createTarget();
  const seen: number[] = [];
  target.addEventListener("added", ({ detail }) => {
    seen.push(detail.n);
    target.emit("added", { n: detail.n + 1 });
  }, { once: true });

  target.emit("added", { n: 1 });

  assert.deepEqual(seen, [1]);
});

test("A signal removes the listener; no listener stays on the signal afterwards", () => {
  const target = createTarget();
  const controller = new AbortController();
  const { signal } = controller;
  const onSignal = countListeners(signal);
  const seen: number[] = [];
  target.addEventListener("added", ({ detail }) => seen.push(detail.n), { signal });
  target.addEventListener("added", () => {}, { signal, once: true });
  assert.equal(onSignal(), 2);
  target.emit("added", { n: 1 });
  assert.equal(onSignal(), 1);
  controller.abort();
  target.emit("added", { n: 2 });
  target.addEventListener("added", ({ detail }) => seen.push(detail.n), { signal });
  target.emit("added", { n: 3 });

  assert.deepEqual([seen, onSignal()], [[1], 0]);
});

test("A listener that is removed or added during an event is not called for that event", () => {
  const target = createTarget();
  const seen: string[] = [];
  const removed = () => seen.push("removed");
  target.addEventListener("added", () => {
    target.removeEventListener("added", removed);
    target.addEventListener("added", () => seen.push("new"));
  }, { once: true });
  target.addEventListener("added", removed);

  target.emit("added", { n: 1 });
  assert.deepEqual(seen, []);
  target.emit("added", { n: 2 });
  assert.deepEqual(seen, ["new"]);
});

test("No event is created once all listeners for the type are gone", () => {
  const target = createTarget();
  const { CustomEvent } = globalThis;
  let created = 0;
  globalThis.CustomEvent = class<T> extends CustomEvent<T> {
    constructor(...parameters: ConstructorParameters<typeof CustomEvent<T>>) {
      super(...parameters);
      created += 1;
    }
  };
  try {
    target.addEventListener("added", () => {}, { once: true });
    target.emit("ended", undefined);
    assert.equal(created, 0);
    target.emit("added", { n: 1 });
    target.emit("added", { n: 2 });
    assert.equal(created, 1);
  } finally {
    globalThis.CustomEvent = CustomEvent;
  }
});

test("Without a log, errors from listeners are printed; the emitter and other listeners are unaffected", async () => {
  let called = 0;

  const printed = await printedBy(() => {
    called = emitToBrokenListeners(createTarget());
  });

  assert.equal(called, 3);
  assert.deepEqual(printed, [
    "A listener for added failed: Error: broke now",
    "A listener for added failed: Error: broke later",
  ]);
});

test("With a log, errors from listeners are logged and not printed", async () => {
  const records: LogRecord[] = [];
  await configure({
    reset: true,
    sinks: { records: (record) => void records.push(record) },
    loggers: [{ category: ["test"], sinks: ["records"] }, META_LOGGER],
  });
  try {
    const printed = await printedBy(() => void emitToBrokenListeners(createTarget()));

    assert.deepEqual(printed, []);
    assert.deepEqual(records.map(({ properties }) => properties), [
      { type: "added", error: "Error: broke now" },
      { type: "added", error: "Error: broke later" },
    ]);
  } finally {
    await reset();
  }
});

test("A sink for other categories does not prevent errors from listeners from being printed", async () => {
  await configure({
    reset: true,
    sinks: { none: () => {} },
    loggers: [{ category: ["other"], sinks: ["none"] }, META_LOGGER],
  });
  try {
    const printed = await printedBy(() => void emitToBrokenListeners(createTarget()));
    assert.equal(printed.length, 2);
  } finally {
    await reset();
  }
});

test("An emulator whose listeners throw continues, and prints their errors", async () => {
  await using emulator = await AcsEmulator.listen();
  emulator.addEventListener("refused", () => {
    throw new Error("broke now");
  });

  const printed = await printedBy(async () => {
    await (await fetch(emulator.url)).body?.cancel();
  });

  assert.deepEqual(printed, ["A listener for refused failed: Error: broke now"]);
  assert.equal(emulator.transcript.length, 1);
});

test("A console that throws does not let a listener's error end the process", async () => {
  const output = globalThis.console;
  const { error } = output;
  let called = 0;
  output.error = () => {
    called += 1;
    throw new Error("the console is broken");
  };
  try {
    emitToBrokenListeners(createTarget());
    // A listener's rejection surfaces in a later turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
  } finally {
    output.error = error;
  }
  assert.equal(called, 2);
});
