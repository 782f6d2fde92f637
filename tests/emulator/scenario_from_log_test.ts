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

const CONNECT = 'level=info time=2021-11-06T01:37:20Z msg="Connected to ACS endpoint" module=a.go';
const LOSE =
  'level=error time=2021-11-06T01:38:20Z msg="Error: lost websocket connection with Agent Communication Service (ACS): read tcp 10.0.0.1:4->10.0.0.2:443: connection reset by peer" module=a.go';
const RESET_STEPS = [
  "expect connected",
  "pause 60000",
  'inject-fault {"fault":{"at":"connection","action":"reset"}}',
  "expect disconnected",
  "no problem",
];

test("A log within JSON or CSV, as CloudWatch and journald export it, is supported", () => {
  const lines = [CONNECT, LOSE];
  const jsonLines = [
    { level: "info", time: "2021-11-06T01:37:20Z", msg: "Connected to ACS endpoint" },
    {
      level: "warn",
      time: "2021-11-06T01:38:20Z",
      msg: "ACS WebSocket connection closed",
      error: "read: connection reset by peer",
    },
  ];
  const events = lines.map((message, index) => ({ timestamp: 1636162640000 + index, message }));

  const logs = [
    JSON.stringify({ events }, null, 4),
    JSON.stringify({ events }),
    lines.map((MESSAGE) => JSON.stringify({ _COMM: "dockerd", MESSAGE })).join("\n"),
    lines.map((line) => `2021-11-06,"${line.replaceAll('"', '""')}"`).join("\r\n"),
    jsonLines.map((line) => JSON.stringify({ message: JSON.stringify(line) })).join("\n"),
    jsonLines.map(({ msg, ...line }) => `x ${JSON.stringify({ msg, ...line })}`).join("\n"),
  ];

  for (const log of logs) assert.deepEqual(stepsOf(log), RESET_STEPS, log);
});

test("A log that a terminal has wrapped is joined", () => {
  for (const width of [60, 80, 132]) {
    const wrapped = `${CONNECT}\n${LOSE}\n`.replace(new RegExp(`(.{${width}})(?=.)`, "g"), "$1\n");

    assert.deepEqual(stepsOf(wrapped), RESET_STEPS, wrapped);
  }
});

test("A log whose newest lines come first is converted from the oldest to the newest", () => {
  const older = CONNECT.replace("01:37:20", "01:30:20");

  assert.deepEqual(stepsOf(`${LOSE}\n${CONNECT}\n`), RESET_STEPS);
  // `cat ecs-agent.log*` prints the newest file first.
  const files = `${LOSE}\n${LOSE.replace("01:38:20", "01:39:20")}\n${older}\n`;
  assert.deepEqual(stepsOf(files).slice(0, 2), ["expect connected", "pause 480000"]);
});

test("The cause of a failed call, in the line below it, determines the fault", () => {
  const failed = "Unable to discover poll endpoint, err: RequestError: send request failed";
  const log = `
Jan 16 14:29:36 ip-10-0-0-1 docker[3]: 2017-01-16T14:29:36Z [ERROR] ${failed}
Jan 16 14:29:36 ip-10-0-0-1 docker[3]: caused by: Post https://ecs.us-east-1.amazonaws.com/: net/http: request canceled
2017-01-16T14:29:36Z [INFO] Error from acs; backing off, err: RequestError: send request failed
2017-01-16T14:30:06Z [ERROR] ${failed}
caused by: Post https://ecs.us-east-1.amazonaws.com/: dial tcp: lookup: server misbehaving
2017-01-16T14:30:06Z [INFO] Error from acs; backing off, err: RequestError: send request failed
2017-01-16T14:30:16Z [ERROR] Unable to discover poll endpoint, err: ServerException: Busy
	status code: 503, request id: 6b094ff2
2017-01-16T14:30:26Z [ERROR] ${failed}
2017-01-16T14:30:26Z [INFO] Error from tcs; backing off, err: RequestError: send request failed
`;

  assert.deepEqual(stepsOf(log), [
    'inject-fault {"fault":{"at":"discover","action":"hang"},"next":1}',
    'inject-fault {"fault":{"at":"discover","action":"reset"},"next":1}',
    'inject-fault {"fault":{"at":"discover","action":"refuse","status":503,' +
    '"exception":"ServerException","message":"Busy"},"next":1}',
    "expect refused",
    "expect refused",
    "expect refused",
    "no problem",
  ]);
});

test("A connection attempt of the oldest agents that fails is not converted to a connection", () => {
  const steps = stepsOf(`
2015-10-29T21:01:04Z [INFO] Creating poll dialer module="ws client" host="ecs-t-2.us-east-1.amazonaws.com"
2015-10-29T21:02:02Z [INFO] Creating poll dialer module="ws client" host="ecs-a-2.us-east-1.amazonaws.com"
2015-10-29T21:02:05Z [ERROR] Error connecting to ACS: dial tcp 10.0.0.2:443: i/o timeout module="acs handler"
2015-10-29T21:02:05Z [INFO] Error from acs; backing off module="acs handler" err="dial tcp 10.0.0.2:443: i/o timeout"
2015-10-29T21:02:06Z [INFO] Creating poll dialer module="ws client" host="ecs-a-2.us-east-1.amazonaws.com"
`);

  assert.deepEqual(steps, [
    'inject-fault {"fault":{"at":"upgrade","action":"hang"},"next":1}',
    "expect refused",
    "expect connected",
    "no problem",
  ]);
});

test("A close whose reason is an exception ends the connection", () => {
  const steps = stepsOf(`${CONNECT}
level=warn time=2021-11-06T01:38:20Z msg="ACS WebSocket connection closed" error="websocket: close 1008 (policy violation): InactiveInstanceException: gone"
`);

  assert.equal(
    steps[2],
    'inject-fault {"fault":{"at":"connection","action":"close","code":1008,' +
      '"reason":"InactiveInstanceException: gone"}}',
  );
});

test("A failed discovery after a connection is noted, since not every agent calls it again", () => {
  const failed = (second: number) =>
    `2021-11-06T01:39:0${second}Z [ERROR] Unable to discover poll endpoint, err: EOF`;

  const before = scenarioFromLog(`${failed(1)}\n`, { name: "test" });
  const after = scenarioFromLog(`${CONNECT}\n${LOSE}\n${failed(1)}\n`, { name: "test" });

  assert.deepEqual(before?.notes, []);
  assert.match(after?.notes.join() ?? "", /^line 3: an agent that still knows its endpoint/);
});

test("In a log without connects, each close ends a connection", () => {
  const closed =
    "[WARN] Connection closed for a valid reason: websocket: close 1000 (normal): ConnectionExpired: Reconnect to continue";
  const steps = stepsOf(`> 2017-04-26T23:30:26Z ${closed}\n> 2017-04-26T23:40:19Z ${closed}\n`);

  const close =
    'inject-fault {"fault":{"at":"connection","action":"close","code":1000,"reason":"ConnectionExpired: Reconnect to continue"}}';
  assert.deepEqual(steps, [
    "expect connected",
    close,
    "expect disconnected",
    "expect connected",
    "pause 593000",
    close,
    "expect disconnected",
    "no problem",
  ]);
});

test("A connection whose end is not in the log ends before the next one", () => {
  const connected = (time: string) =>
    `level=info time=2025-09-13T${time}Z msg="Connected to ACS endpoint"`;
  const log = `
${connected("05:58:03")}
level=error time=2025-09-13T05:59:03Z msg="Failed to connect to ACS" error="InactiveInstanceException: gone"
${connected("05:59:04")}
level=info time=2025-09-13T06:10:03Z msg="Loading configuration"
${connected("06:10:04")}
`;

  assert.deepEqual(stepsOf(log), [
    "expect connected",
    'inject-fault {"fault":{"at":"upgrade","action":"refuse","status":400,' +
    '"exception":"InactiveInstanceException","message":"gone"},"next":1}',
    "pause 60000",
    'inject-fault {"fault":{"at":"connection","action":"end"}}',
    "expect disconnected",
    "expect refused",
    "expect connected",
    "pause 659000",
    'inject-fault {"fault":{"at":"connection","action":"end"}}',
    "expect disconnected",
    "expect connected",
    "no problem",
  ]);
  assert.deepEqual(scenarioFromLog(log, { name: "test" })?.notes, [
    "line 5: the agent was restarted; in the scenario, the service ends its connection instead",
  ]);
});

test("Messages and errors of TCS, which a log at level debug has, too, are not attributed to ACS", () => {
  const [acs, tcs] = ["a", "t"].map((kind) =>
    `URL="https://ecs-${kind}-1.eu-west-1.amazonaws.com"`
  );
  const steps = stepsOf(`
level=info time=2025-09-13T05:58:03Z msg="Connected to ACS endpoint"
level=debug time=2025-09-13T05:58:13Z msg="Received message of type: HeartbeatMessage" ${tcs}
level=debug time=2025-09-13T05:58:23Z msg="Received message of type: HeartbeatMessage" ${acs}
level=debug time=2025-09-13T05:58:33Z msg="Received message of type: AckPublishMetric" ${tcs}
level=debug time=2025-09-13T05:58:43Z msg="Connection closed for a valid reason: websocket: close 1000 (normal): x" ${tcs}
level=debug time=2025-09-13T05:58:53Z msg="Connection closed for a valid reason: websocket: close 1000 (normal): x" ${acs}
`);

  assert.deepEqual(steps, [
    "expect connected",
    "pause 20000",
    "send-heartbeat {}",
    "expect ack",
    "pause 30000",
    'inject-fault {"fault":{"at":"connection","action":"close","code":1000,"reason":"x"}}',
    "expect disconnected",
    "no problem",
  ]);
});

test("The response to a refused upgrade determines the fault, and an agent without credentials yields none", () => {
  const log = `
2017-11-13T16:56:44Z [ERROR] Error connecting to ACS: websocket client: unable to dial a.b response: {"AccessDeniedException":"Forbidden"}: websocket: bad handshake
2017-11-13T16:56:45Z [ERROR] Error connecting to ACS: websocket client: unable to dial a.b response: <h1>502 Bad Gateway</h1>: websocket: bad handshake
2017-11-13T16:56:46Z [ERROR] Unable to discover poll endpoint, err: NoCredentialProviders: no valid providers in chain. Deprecated.
level=error time=2024-10-01T06:24:05Z msg="Failed to connect to ACS" error="websocket client: unable to dial a.b response: {\\"type\\":\\"InactiveInstanceException\\",\\"message\\":\\"gone\\"}: websocket: bad handshake"
`;

  assert.deepEqual(stepsOf(log).filter((step) => step.startsWith("inject")), [
    'inject-fault {"fault":{"at":"upgrade","action":"refuse","status":400,' +
    '"exception":"AccessDeniedException","message":"Forbidden"},"next":1}',
    'inject-fault {"fault":{"at":"upgrade","action":"refuse","status":502,' +
    '"body":"<h1>502 Bad Gateway</h1>"},"next":1}',
    'inject-fault {"fault":{"at":"upgrade","action":"refuse","status":400,' +
    '"exception":"InactiveInstanceException","message":"gone"},"next":1}',
  ]);
  assert.deepEqual(scenarioFromLog(log, { name: "test" })?.notes, [
    "line 4: the agent had no credentials, so it sent no request",
  ]);
});

test("Tasks of agents that do not log payloads are found in what the agents do with them", () => {
  const steps = stepsOf(`
2019-05-14T11:30:20Z [INFO] Connected to ACS endpoint
2019-05-14T11:30:22Z [INFO] Task engine [${TASK}]: pulling image busybox for container a concurrently
2019-05-14T11:30:22Z [INFO] Task engine [${TASK}]: pulling image busybox for container b concurrently
2019-05-14T11:30:32Z [INFO] Managed task [${TASK}]: new acs transition to: STOPPED; sequence number: 5; task stop sequence number: 0
2019-05-14T11:30:42Z [INFO] Managed task [${TASK}]: new acs transition to: STOPPED; sequence number: 6; task stop sequence number: 5
`);

  assert.deepEqual(steps, [
    "expect connected",
    "pause 2000",
    `run-task {"task":{"arn":"${TASK}"}}`,
    "expect ack",
    "pause 10000",
    'stop-task {"taskArn":"$task1.taskArn"}',
    "expect ack",
    "no problem",
  ]);
});

test("If an agent could not even register, that is the scenario", () => {
  const log = `
2016-01-27T10:13:25Z [INFO] Registering Instance with ECS
2016-01-27T10:13:45Z [ERROR] Could not register module="api client" err="RequestError: send request failed
caused by: Post https://ecs.eu-west-1.amazonaws.com/: net/http: request canceled while waiting for connection"
2016-01-27T10:13:45Z [ERROR] Error registering: RequestError: send request failed
level=error time=2025-09-13T05:58:22Z msg="Unable to register as a container instance with ECS" error="StatusCode: 400, ClientException: No"
level=error time=2025-09-13T05:58:22Z msg="Error re-registering container instance" error="StatusCode: 400, ClientException: No"
`;

  assert.deepEqual(stepsOf(log), [
    'inject-fault {"fault":{"action":"hang","at":"api","operation":"RegisterContainerInstance"},"next":1}',
    'inject-fault {"fault":{"action":"refuse","status":400,"exception":"ClientException",' +
    '"message":"No","at":"api","operation":"RegisterContainerInstance"},"next":1}',
    "expect refused",
    "expect refused",
    "no problem",
  ]);
});

test("If the line of a failed connection is truncated, the line before it has the cause", () => {
  const steps = stepsOf(`
level=warn time=2025-09-13T05:59:03Z msg="Error creating a websocket client: dial tcp 10.0.0.2:443: i/o timeout" URL="https://ecs-a-1.eu-west-1.amazonaws.com/ws?a=1"
level=error time=2025-09-13T05:59:03Z msg="Failed to connect to ACS" error="websocket cli`);

  assert.equal(steps[0], 'inject-fault {"fault":{"at":"upgrade","action":"hang"},"next":1}');
});

test("A scenario with a silent service leaves an agent the time to notice it", () => {
  const made = scenarioFromLog(
    `${CONNECT}
level=warn time=2021-11-06T01:39:20Z msg="ACS Connection hasn't had any activity for too long; closing connection"
${CONNECT.replace("01:37:20", "01:39:21")}
`,
    { name: "test", speed: 1_000 },
  );

  const limits = made?.scenario.steps.flatMap((step) => "within" in step ? [step.within] : []);
  assert.deepEqual(limits, [60_000, 273_000]);
  assert.ok((made?.scenario.timeoutMs ?? 0) >= 300_000);
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
