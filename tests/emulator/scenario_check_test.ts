import assert from "node:assert/strict";
import { parseScenario, ScenarioError } from "../../emulator/mod.ts";
import { test } from "../testing/test.ts";

/** The problems of a scenario's text. */
function problemsOf(text: string, name: string): string {
  try {
    parseScenario(text, name);
  } catch (error) {
    assert.ok(error instanceof ScenarioError);
    return error.message;
  }
  throw new Error("the scenario was accepted");
}

function stepsProblem(...steps: unknown[]): string {
  return problemsOf(JSON.stringify({ steps }), "s.json");
}

test("A scenario is one JSON object, or lines of which the first is its head", () => {
  const steps = [{ expect: "connected" }, { pause: 5, at: 10 }];
  const head = { name: "two ways", timeoutMs: 1000, emulator: { seed: 1 } };

  const whole = parseScenario(JSON.stringify({ ...head, steps }), "s.json");
  const lines = [head, ...steps].map((line) => JSON.stringify(line));
  const asLines = parseScenario(`\uFEFF${lines.join("\r\n\n")}\n`, "s.jsonl");

  assert.deepEqual(whole, { ...head, steps });
  assert.deepEqual(asLines, whole);
});

for (
  const [title, problems, expected] of [
    [
      "A misspelled operation",
      stepsProblem({ do: "run-taks" }),
      /^s\.json:1: step 1: do: unknown operation; did you mean run-task\?$/,
    ],
    [
      "A misspelled field",
      stepsProblem({ pause: 1 }, { do: "run-task", wiht: {} }),
      /^s\.json:1: step 2: wiht: unknown field; did you mean with\?$/,
    ],
    [
      "A misspelled field of an operation's input",
      stepsProblem({ do: "stop-task", with: { taskAnr: "a" } }),
      /^s\.json:1: step 1: with\.taskAnr: unknown field; did you mean taskArn\?\ns\.json:1: step 1: with\.taskArn: is missing$/,
    ],
    [
      "A field of a message with the wrong type",
      stepsProblem({ do: "run-task", with: { task: { cpu: "much" } } }),
      /^s\.json:1: step 1: with\.task: cpu: expected double, got string$/,
    ],
    [
      "An unknown fault",
      stepsProblem({ do: "inject-fault", with: { fault: { at: "upgrade", action: "explode" } } }),
      /^s\.json:1: step 1: with\.fault: action must be one of /,
    ],
    [
      "A reference to an unknown result",
      stepsProblem({ expect: "ack", messageId: "$web.messageId" }),
      /^s\.json:1: step 1: "\$web\.messageId": no earlier step has "as": "web"$/,
    ],
    [
      "A dollar sign without a reference",
      stepsProblem({ do: "send-raw", with: { text: "$5" } }),
      /^s\.json:1: step 1: "\$5" is not a reference; write \$\$ for a dollar sign$/,
    ],
    [
      "A name that is already used",
      stepsProblem({ do: "run-task", as: "a" }, { do: "run-task", as: "a" }),
      /^s\.json:1: step 2: as: an earlier step has the name "a"$/,
    ],
    [
      "An acknowledgement without a message id",
      stepsProblem({ expectNo: "ack", for: 1 }),
      /^s\.json:1: step 1: messageId: an ack needs it$/,
    ],
    [
      "An unknown event",
      stepsProblem({ expect: "conected" }),
      /^s\.json:1: step 1: expect: unknown value; did you mean "connected"\?$/,
    ],
    [
      "An event that resembles none",
      stepsProblem({ expect: "lunch" }),
      /^s\.json:1: step 1: expect: expected "ack" or "apiCall" or "attempt" or "connected"/,
    ],
    [
      "A misspelled field of a task in a list",
      stepsProblem({ do: "run-task", with: { task: { containers: [{ imgae: "web" }] } } }),
      /^s\.json:1: step 1: with\.task: containers\[0\]\.imgae: unknown field; did you mean image\?$/,
    ],
    [
      "A misspelled value of an option",
      problemsOf('{"emulator": {"exceptionForm": "famed"}, "steps": [{"pause": 1}]}', "s.json"),
      /^s\.json: emulator\.exceptionForm: unknown value; did you mean "framed"\?$/,
    ],
    [
      "A misspelled kind of step",
      stepsProblem({ paus: 1 }),
      /^s\.json:1: step 1: expected an object with one of do, .*, pause; did you mean pause\?$/,
    ],
    [
      "A misspelled operation of the ECS API",
      stepsProblem({ do: "call-api", with: { operation: "RunTsk" } }),
      /^s\.json:1: step 1: with\.operation: unknown value; did you mean "RunTask"\?$/,
    ],
    [
      "A step of two kinds",
      stepsProblem({ do: "run-task", pause: 1 }),
      /^s\.json:1: step 1: has more than one of do, expect, expectNo, pause: split it into 2 steps$/,
    ],
    [
      "A time that is not a number",
      stepsProblem({ pause: -1 }),
      /^s\.json:1: step 1: pause: expected a whole number from 0 to 3600000$/,
    ],
    [
      "A limit without a time",
      stepsProblem({ expect: "attempt", atMost: 1 }),
      /^s\.json:1: step 1: for: is missing$/,
    ],
    ["No steps", problemsOf("{}", "s.json"), /^s\.json: steps: expected a list of at least one/],
    ["A list", problemsOf("[]", "s.json"), /^s\.json: expected an object with "steps"$/],
    [
      "A misspelled field of the head",
      problemsOf('{"emulator": {"heartbeat": 1}, "steps": [{"pause": 1}]}', "s.json"),
      /^s\.json: emulator\.heartbeat: unknown field; did you mean heartbeatIntervalMs\?$/,
    ],
    [
      "Broken JSON",
      problemsOf('{\n"steps": [\n}', "s.json"),
      /^s\.json:3: column 1: not JSON: expected a value, found "\}"$/,
    ],
    [
      "A broken line",
      problemsOf('{}\n\n{"pause": 1', "s.jsonl"),
      /^s\.jsonl:3: column 12: not JSON: expected "," or "\}", found the end of the file$/,
    ],
    [
      "A wrong step on a line",
      problemsOf('{}\n{"pause": 1}\n\n{"pause": "1"}', "s.jsonl"),
      /^s\.jsonl:4: step 2: pause: expected number, got string$/,
    ],
    ["An empty file", problemsOf("\n", "s.jsonl"), /^s\.jsonl: the file is empty$/],
    [
      "A whole scenario on the line of the head",
      problemsOf('{"steps": []}', "s.jsonl"),
      /^s\.jsonl:1: expected the head without steps/,
    ],
  ] as const
) {
  test(`${title} in a scenario is an error with file, line or step, and field`, () => {
    assert.match(problems, expected);
  });
}

test("The value of a reference is checked when it is known, so references may stand anywhere", () => {
  const text = JSON.stringify({
    steps: [
      { do: "run-task", as: "web" },
      { do: "run-task", with: { task: { arn: "$web.taskArn", memory: "$web.memory" } } },
    ],
  });

  assert.equal(parseScenario(text, "s.json").steps.length, 2);
});
