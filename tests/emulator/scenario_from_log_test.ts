import assert from "node:assert/strict";
import { AcsEmulator } from "../../emulator/mod.ts";
import { parseAgentLog } from "../../emulator/replay/agent_log.ts";
import { formatScenario } from "../../emulator/replay/format_scenario.ts";
import { scenarioFromLog } from "../../emulator/replay/scenario_from_log.ts";
import { parseScenario } from "../../emulator/scenario/parse_scenario.ts";
import { test } from "../testing/test.ts";
import { callDiscover, connectAndAnswer } from "./answering_agent.ts";

const ARN = "arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/0123456789abcdef";
const TASK = "arn:aws:ecs:eu-west-1:111122223333:task/prod/aaaaaaaabbbbbbbbccccccccdddddddd";
const query = "agentHash=7d5ec06f&agentVersion=1.98.0&clusterArn=prod&protocolVersion=2";

/** A log of a newer agent, from journald. */
const NEW_LOG = `
Sep 13 05:58:03 ip-10-0-0-1 docker[811]: level=info time=2025-09-13T05:58:03Z msg="Loading configuration"
Sep 13 05:58:03 ip-10-0-0-1 docker[811]: level=info time=2025-09-13T05:58:03Z msg="Establishing a Websocket connection" url="https://ecs-a-1.eu-west-1.amazonaws.com/ws?${query}"
Sep 13 05:58:03 ip-10-0-0-1 docker[811]: level=info time=2025-09-13T05:58:03Z msg="Establishing a Websocket connection" url="https://ecs-t-1.eu-west-1.amazonaws.com/ws?${query}"
Sep 13 05:58:04 ip-10-0-0-1 docker[811]: level=info time=2025-09-13T05:58:04Z msg="Connected to ACS endpoint" containerInstanceARN="${ARN}"
this line is not the agent's
Sep 13 05:58:10 ip-10-0-0-1 docker[811]: level=info time=2025-09-13T05:58:10Z msg="Received task payload from ACS" taskARN="${TASK}" taskVersion="7" desiredStatus="RUNNING"
Sep 13 05:58:20 ip-10-0-0-1 docker[811]: level=info time=2025-09-13T05:58:20Z msg="Received task payload from ACS" taskARN="${TASK}" taskVersion="7" desiredStatus="STOPPED"
Sep 13 05:59:20 ip-10-0-0-1 docker[811]: level=warn time=2025-09-13T05:59:20Z msg="ACS WebSocket connection closed" containerInstanceARN="${ARN}" error="websocket: close 1011 (internal server error): Server Error"
Sep 13 05:59:21 ip-10-0-0-1 docker[811]: level=info time=2025-09-13T05:59:21Z msg="Establishing a Websocket connection" url="https://ecs-a-2.eu-west-1.amazonaws.com/ws?${query}"
Sep 13 05:59:21 ip-10-0-0-1 docker[811]: level=warn time=2025-09-13T05:59:21Z msg="Error creating a websocket client: unexpected EOF" URL="https://ecs-a-2.eu-west-1.amazonaws.com/ws?${query}"
Sep 13 05:59:21 ip-10-0-0-1 docker[811]: level=error time=2025-09-13T05:59:21Z msg="Failed to connect to ACS" containerInstanceARN="${ARN}" error="websocket client: unable to dial ecs-a-2.eu-west-1.amazonaws.com response: : unexpected EOF"
Sep 13 05:59:22 ip-10-0-0-1 docker[811]: level=error time=2025-09-13T05:59:22Z msg="ACS: Unable to discover poll endpoint" containerInstanceARN="${ARN}" error="operation error ECS: DiscoverPollEndpoint, https response error StatusCode: 500, ServerException: Service Unavailable"
Sep 13 05:59:23 ip-10-0-0-1 docker[811]: level=info time=2025-09-13T05:59:23Z msg="Connected to ACS endpoint" containerInstanceARN="${ARN}"
Sep 13 06:29:23 ip-10-0-0-1 docker[811]: level=info time=2025-09-13T06:29:23Z msg="ACS WebSocket connection closed for a valid reason" containerInstanceARN="${ARN}"
Sep 13 06:29:23 ip-10-0-0-1 docker[811]: level=error time=2025-09-13T06:29:23Z msg="Failed to connect to ACS" containerInstanceARN="${ARN}" error="InactiveInstanceException: Container instance is inactive."
`;

/** Similar lines of an older agent. */
const OLD_LOG = `
/var/log/ecs/ecs-agent.log.2018-04-22-14:2018-04-22T14:45:46Z [INFO] Establishing a Websocket connection to https://ecs-a-2.us-west-2.amazonaws.com/ws?agentVersion=1.17.2
/var/log/ecs/ecs-agent.log.2018-04-22-14:2018-04-22T14:45:46Z [INFO] Connected to ACS endpoint
/var/log/ecs/ecs-agent.log.2018-04-22-14:2018-04-22T14:46:41Z [DEBUG] ACS activity occurred
/var/log/ecs/ecs-agent.log.2018-04-22-14:2018-04-22T14:47:37Z [DEBUG] ACS activity occurred
/var/log/ecs/ecs-agent.log.2018-04-22-14:2018-04-22T14:47:39Z [INFO] Pulling container app (NONE->RUNNING) concurrently. Task: web:117 ${TASK}, Status: (NONE->RUNNING) Containers: [app (NONE->RUNNING),]
/var/log/ecs/ecs-agent.log.2018-04-22-14:2018-04-22T14:49:27Z [WARN] ACS Connection hasn't had any activity for too long; closing connection
/var/log/ecs/ecs-agent.log.2018-04-22-14:2018-04-22T14:49:27Z [ERROR] Error getting message from ws backend: error: [read tcp 10.0.0.1:36->10.0.0.2:443: use of closed network connection], messageType: [-1]
/var/log/ecs/ecs-agent.log.2018-04-22-14:2018-04-22T14:49:28Z [INFO] Connected to ACS endpoint
/var/log/ecs/ecs-agent.log.2018-04-22-14:2018-04-22T14:50:28Z [ERROR] Error getting message from ws backend: error: [websocket: close 1006 (abnormal closure): unexpected EOF], messageType: [-1]
/var/log/ecs/ecs-agent.log.2018-04-22-14:2018-04-22T14:50:28Z [INFO] Error from acs; backing off: websocket: close 1006 (abnormal closure): unexpected EOF
`;

/** A log of 2015. */
const OLDEST_LOG = `
2015-06-10T15:36:22Z [INFO] Creating poll dialer module="acs client" host="ecs-a-2.us-west-2.amazonaws.com"
2015-06-10T15:36:23Z [ERROR] Error getting message from acs module="acs client" err="websocket: close 1011 Server Error"
2015-06-10T15:36:23Z [INFO] Error from acs; backing off module="acs handler" err="websocket: close 1011 Server Error"
2015-06-10T15:52:32Z [ERROR] Unable to discover poll endpoint module="acs handler" err="Post https://ecs.us-west-2.amazonaws.com/: net/http: request canceled (Client.Timeout exceeded)"
`;

/** A log with ECS_LOG_OUTPUT_FORMAT=json, at level debug. */
const JSON_LOG = `
{"level":"info","time":"2024-10-01T06:24:05Z","msg":"Connected to ACS endpoint"}
{"level":"debug","time":"2024-10-01T06:24:06Z","msg":"Received message of type: HeartbeatMessage","URL":"https://ecs-a-1.us-east-1.amazonaws.com/ws?a\\u0026b"}
{"level":"info","time":"2024-10-01T06:24:08Z","msg":"Received task payload from ACS","taskARN":"${TASK}","taskVersion":"3","desiredStatus":"RUNNING"}
{"level":"debug","time":"2024-10-01T06:24:09Z","msg":"Received message of type: IAMRoleCredentialsMessage"}
{"level":"debug","time":"2024-10-01T06:24:10Z","msg":"Received message of type: TaskManifestMessage"}
{"level":"debug","time":"2024-10-01T06:24:10Z","msg":"Received message of type: PerformUpdateMessage"}
`;

/** Short descriptions of the scenario's steps, after a round trip through a file. */
function stepsOf(log: string): string[] {
  const made = scenarioFromLog(log, { name: "test" });
  assert.ok(made !== undefined);
  const { scenario, lines } = made;
  assert.equal(lines.length, scenario.steps.length);
  const read = parseScenario(formatScenario(scenario), "made.json");
  assert.deepEqual(read, JSON.parse(JSON.stringify(scenario)));
  return read.steps.map((step) => {
    if ("pause" in step) return `pause ${step.pause}`;
    if ("expectNo" in step) return `no ${step.expectNo}`;
    if ("expect" in step) return `expect ${step.expect}`;
    return `${step.do} ${JSON.stringify(step.with ?? {})}`;
  });
}

test("A log of amazon-ecs-agent is converted to the service's actions: tasks, closes, refusals, endpoints", () => {
  assert.deepEqual(stepsOf(NEW_LOG), [
    "expect connected",
    'inject-fault {"fault":{"at":"upgrade","action":"end"},"next":1}',
    'inject-fault {"fault":{"at":"discover","action":"refuse","status":500,' +
    '"exception":"ServerException","message":"Service Unavailable"},"next":1}',
    "pause 6000",
    `run-task {"task":{"arn":"${TASK}","version":"7"}}`,
    "expect ack",
    "pause 10000",
    'stop-task {"taskArn":"$task1.taskArn"}',
    "expect ack",
    "pause 60000",
    'inject-fault {"fault":{"at":"connection","action":"close","code":1011,"reason":"Server Error"}}',
    "expect disconnected",
    "pause 1000",
    'configure {"endpoint":"/ecs-a-2/"}',
    "expect refused",
    "expect refused",
    "expect connected",
    'inject-fault {"fault":{"at":"upgrade","action":"refuse","status":400,' +
    '"exception":"InactiveInstanceException","message":"Container instance is inactive."},"next":1}',
    "pause 1800000",
    'inject-fault {"fault":{"at":"connection","action":"close","code":1000,' +
    '"reason":"ConnectionExpired: Reconnect to continue"}}',
    "expect disconnected",
    "expect refused",
    "no problem",
  ]);
});

test("Logs of older agents are supported, and a silent service sends nothing", () => {
  assert.deepEqual(stepsOf(OLD_LOG), [
    "expect connected",
    "pause 55000",
    "send-heartbeat {}",
    "expect ack",
    "pause 56000",
    "send-heartbeat {}",
    "expect ack",
    "pause 2000",
    `run-task {"task":{"arn":"${TASK}","family":"web","version":"117"}}`,
    "expect ack",
    "expect disconnected",
    "expect connected",
    "pause 60000",
    'inject-fault {"fault":{"at":"connection","action":"end"}}',
    "expect disconnected",
    "no problem",
  ]);
  assert.deepEqual(stepsOf(OLDEST_LOG), [
    "expect connected",
    'inject-fault {"fault":{"at":"discover","action":"hang"},"next":1}',
    "pause 1000",
    'inject-fault {"fault":{"at":"connection","action":"close","code":1011,"reason":"Server Error"}}',
    "expect disconnected",
    "expect refused",
    "no problem",
  ]);
});

test("A silent service stalls before the agent detects it", () => {
  const log = `
level=info time=2021-11-06T01:30:20Z msg="Connected to ACS endpoint" module=acs_handler.go
level=warn time=2021-11-06T01:37:20Z msg="ACS Connection hasn't had any activity for too long; closing connection" module=acs_handler.go
level=error time=2021-11-06T01:37:20Z msg="Error: lost websocket connection with Agent Communication Service (ACS): read tcp 10.0.0.1:43668->54.239.16.66:443: use of closed network connection" module=acs_handler.go
level=info time=2021-11-06T01:37:21Z msg="Connected to ACS endpoint" module=acs_handler.go
`;

  assert.deepEqual(stepsOf(log), [
    "expect connected",
    "pause 330000",
    'inject-fault {"fault":{"at":"connection","action":"stall"}}',
    "expect disconnected",
    "expect connected",
    "no problem",
  ]);
  const quick = scenarioFromLog(log, { name: "test", speed: 1_000 })?.scenario.steps;
  assert.deepEqual(quick?.[1], { pause: 330 });
});

test("A JSON log at level debug yields each message, and missing contents are noted", () => {
  assert.deepEqual(stepsOf(JSON_LOG), [
    "expect connected",
    "pause 1000",
    "send-heartbeat {}",
    "expect ack",
    "pause 2000",
    `run-task {"task":{"arn":"${TASK}","version":"3"}}`,
    "expect ack",
    "pause 1000",
    'rotate-credentials {"taskArn":"$task1.taskArn"}',
    "expect ack",
    "pause 1000",
    "send-task-manifest {}",
    "expect ack",
    "no problem",
  ]);
  assert.deepEqual(scenarioFromLog(JSON_LOG, { name: "test" })?.notes, [
    "line 7: the contents of a PerformUpdateMessage are not in the log",
  ]);
});

test("Masked ARNs, escapes and truncated lines of a log are parsed as far as possible", () => {
  const [first, second] = parseAgentLog(
    'x level=info time=2025-09-13T05:58:03Z msg="say \\"hi\\"" taskARN="arn:***" n=5 cut="unterm\n' +
      'level=warn time=2025-09-13T05:58:03Z msg="cut here\n' +
      'level=info time=yesterday msg="no time"\n',
  );
  assert.equal(first?.text, 'say "hi"');
  assert.deepEqual(first?.fields.get("taskARN"), "arn:***");
  assert.equal(first?.fields.get("n"), "5");
  assert.deepEqual([second?.text, second?.line], ["cut here", 2]);

  const masked = NEW_LOG.replaceAll(TASK, "arn:aws:ecs:eu-west-1:***:task/prod/***");
  assert.ok(stepsOf(masked).includes('run-task {"task":{"version":"7"}}'));
});

test("A log that begins during a connection yields the end of that connection", () => {
  const steps = stepsOf(`
level=warn time=2021-11-06T01:37:20Z msg="ACS Connection hasn't had any activity for too long; closing connection" module=acs_handler.go
level=error time=2021-11-06T01:37:20Z msg="Error: lost websocket connection with Agent Communication Service (ACS): read tcp 10.0.0.1:4->10.0.0.2:443: use of closed network connection" module=acs_handler.go
level=info time=2021-11-06T01:37:21Z msg="Connected to ACS endpoint" module=acs_handler.go
`);

  assert.deepEqual(steps, [
    "expect connected",
    'inject-fault {"fault":{"at":"connection","action":"stall"}}',
    "expect disconnected",
    "expect connected",
    "no problem",
  ]);
});

test("A close that older agents log in the same words for ACS and TCS is attributed to ACS, unless the next line names TCS", () => {
  const closed =
    "[INFO] Connection closed for a valid reason: websocket: close 1000 (normal): ConnectionExpired: Reconnect to continue";
  const log = (second: string) => `
2017-09-15T21:05:06Z [INFO] Connected to ACS endpoint
2017-09-15T21:35:06Z ${closed}
2017-09-15T21:35:06Z [INFO] ${second}
`;

  const ofAcs = stepsOf(log("Connected to ACS endpoint"));
  const ofTcs = stepsOf(log("TCS Websocket connection closed for a valid reason"));

  assert.equal(ofAcs.filter((step) => step.includes("ConnectionExpired")).length, 1);
  assert.equal(ofAcs.filter((step) => step.startsWith("expect connected")).length, 2);
  assert.deepEqual(ofTcs.filter((step) => step.includes("disconnected")), []);
});

test("Logs in Docker's JSON files and logs with color codes are supported", () => {
  const line = 'level=info time=2021-11-06T01:37:21Z msg="Connected to ACS endpoint" module=x.go';
  const docker = JSON.stringify({ log: `${line}\n`, stream: "stdout", time: "2021-11-06" });

  const texts = [docker, `agent_1  | ${docker}`, `\x1b[36m${line}\x1b[0m`].map((text) =>
    parseAgentLog(text).map((each) => [each.text, each.fields.get("module")])
  );

  assert.deepEqual(texts, Array(3).fill([["Connected to ACS endpoint", "x.go"]]));
});

test("Text without lines of the agent about ACS is not converted to a scenario", () => {
  for (
    const text of ["", "hello\n", 'level=info time=2025-09-13T05:58:03Z msg="Pulling image"\n']
  ) {
    assert.equal(scenarioFromLog(text, { name: "test" }), undefined);
  }
});

test("A scenario from a log passes with a well-behaved agent", async () => {
  const quick = NEW_LOG.replace(/time=2025-09-13T\d\d:\d\d:\d\dZ/g, "time=2025-09-13T05:58:03Z");
  const made = scenarioFromLog(quick, { name: "test" });
  assert.ok(made !== undefined);
  await using emulator = await AcsEmulator.listen(made.scenario.emulator);
  const playing = emulator.playScenario(made.scenario, { keepGoing: true });

  await callDiscover(emulator.url);
  await connectAndAnswer(emulator.url, 2);
  await connectAndAnswer(emulator.url, 0);
  await assert.rejects(callDiscover(emulator.url), /500/);
  const endpoint = await callDiscover(emulator.url);
  await connectAndAnswer(endpoint, 0);
  await connectAndAnswer(endpoint, 0);

  const report = await playing;
  assert.deepEqual(report.steps.filter(({ outcome }) => outcome !== "ok"), []);
  assert.equal(endpoint, `${emulator.url}/ecs-a-2/`);
});
