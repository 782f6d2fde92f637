import assert from "node:assert/strict";
import type { PayloadMessage } from "../../protocol/messages.ts";
import { MemoryCredentialsManager } from "../../responders/credentials_manager.ts";
import { Doctor } from "../../responders/doctor.ts";
import { memoryManifestMessageId } from "../../responders/manifest_message_id.ts";
import { memorySequenceNumber } from "../../responders/sequence_number.ts";
import { DEFAULT_LIMITS } from "../../session/limits.ts";
import { resolveOptions, type SessionOptions } from "../../session/options.ts";
import { DEFAULT_TIMING } from "../../session/timing.ts";
import { nativeTransport } from "../../wsclient/transports/native.ts";
import { MemoryTransport } from "../testing/fakes/memory_transport.ts";
import { test } from "../testing/test.ts";

const OPTIONS: SessionOptions = {
  region: "us-west-2",
  containerInstanceArn: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/a",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "made/up+secret" },
  agentVersion: "1.0.0",
};

/** Options as JavaScript may pass them, whatever the types say. */
function untyped(changes: Readonly<Record<string, unknown>>): SessionOptions {
  const options: SessionOptions = { ...OPTIONS };
  return Object.assign(options, changes);
}

test("If only the four required options are given, all others have their defaults", () => {
  const resolved = resolveOptions(OPTIONS);
  assert.equal(resolved.region, "us-west-2");
  assert.equal(resolved.cluster, "default");
  assert.equal(resolved.agentHash, "unknown");
  assert.equal(resolved.dockerVersion, "");
  assert.equal(resolved.ecsEndpoint, "https://ecs.us-west-2.amazonaws.com/");
  assert.ok(resolved.credentialsManager instanceof MemoryCredentialsManager);
  assert.equal(resolved.doctor.hasHealthchecks, false);
  assert.equal(resolved.sequenceNumberAccessor.getLatestSequenceNumber(), 0);
  assert.equal(resolved.manifestMessageIdAccessor.getMessageId(), "");
  assert.deepEqual(resolved.timing, DEFAULT_TIMING);
  assert.deepEqual(resolved.limits, DEFAULT_LIMITS);
  assert.equal(resolved.transport, nativeTransport);
  assert.equal(resolved.fetch, fetch);
  assert.equal(resolved.random, Math.random);
  assert.equal(resolved.payloadMessageHandler, undefined);
  assert.equal(resolved.allowInsecureEndpoint, false);
  assert.equal(resolved.zoneId, "");
});

test("The default times are the reference agent's", () => {
  const { SECOND, MINUTE, HOUR } = { SECOND: 1000, MINUTE: 60_000, HOUR: 3_600_000 };
  assert.deepEqual(DEFAULT_TIMING, {
    connectTimeoutMs: 30 * SECOND,
    credentialsTimeoutMs: 30 * SECOND,
    idleTimeoutMs: MINUTE,
    idleJitterMs: MINUTE,
    writeTimeoutMs: 3 * MINUTE,
    connectionLifetimeMs: 30 * MINUTE,
    connectionLifetimeJitterMs: 5 * MINUTE,
    discoverTimeoutMs: 126 * SECOND,
    endpointCacheTtlMs: 12 * HOUR,
    backoffMinMs: 250,
    backoffMaxMs: 2 * MINUTE,
    backoffResetMs: MINUTE,
    backoffResetJitterMs: MINUTE,
    inactiveInstanceReconnectDelayMs: HOUR,
    minUsefulConnectionMs: 5 * SECOND,
    reconnectGraceMs: 5 * SECOND,
    failureReportIntervalMs: MINUTE,
    drainTimeoutMs: 5 * SECOND,
    closeTimeoutMs: 1_000,
    laneStuckMs: MINUTE,
    laneBacklogMs: MINUTE,
    updateStuckMs: 20 * MINUTE,
    minSuspensionMs: 30 * SECOND,
    maxClockSkewMs: 24 * HOUR,
  });
});

test("Given values are used as they are", () => {
  const given = {
    cluster: "arn:aws:ecs:us-west-2:111122223333:cluster/mine",
    agentHash: "deadbeef",
    dockerVersion: "containerd",
    endpoint: "http://localhost:8080/",
    allowInsecureEndpoint: true,
    zoneId: "usw2-az1",
    credentials: () => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "made/up" }),
    payloadMessageHandler: { processMessage: () => {} },
    credentialsManager: new MemoryCredentialsManager(),
    credentialsMetadataSetter: {},
    eniHandler: { handleEniAttachment: () => {} },
    resourceHandler: { handleResourceAttachment: () => {} },
    taskComparer: { compareRunningTasksOnInstanceWithManifest: () => [] },
    taskStopper: { stopTask: () => {} },
    updateHandler: { stageUpdate: () => {}, performUpdate: () => {} },
    doctor: new Doctor(),
    sequenceNumberAccessor: memorySequenceNumber(),
    manifestMessageIdAccessor: memoryManifestMessageId(),
    inactiveInstanceCallback: () => {},
    transport: new MemoryTransport(),
    fetch: () => Promise.resolve(new Response()),
    random: () => 0.5,
  };
  const { endpoint, ...rest } = given;
  const resolved = resolveOptions({ ...OPTIONS, ...given });
  for (const [name, value] of Object.entries(rest)) {
    assert.equal(Object.entries(resolved).find(([key]) => key === name)?.[1], value, name);
  }
  assert.equal(resolved.ecsEndpoint, endpoint);
});

test("One given time or limit leaves the others at their defaults, and 0 is a value", () => {
  const { timing, limits } = resolveOptions({
    ...OPTIONS,
    timing: { idleJitterMs: 0, connectionLifetimeMs: 1_000_000_000 },
    limits: { maxLaneMessages: 3 },
  });
  assert.deepEqual(timing, {
    ...DEFAULT_TIMING,
    idleJitterMs: 0,
    connectionLifetimeMs: 1_000_000_000,
  });
  assert.deepEqual(limits, { ...DEFAULT_LIMITS, maxLaneMessages: 3 });
});

/** The options that name a region. */
function inRegion(region: string) {
  const containerInstanceArn = OPTIONS.containerInstanceArn.replace("us-west-2", region);
  return { region, containerInstanceArn };
}

test("An empty cluster means the one in the container instance's ARN", () => {
  assert.equal(resolveOptions({ ...OPTIONS, cluster: "" }).cluster, "default");
});

for (
  const { changes, endpoint } of [
    { changes: inRegion("cn-north-1"), endpoint: "https://ecs.cn-north-1.amazonaws.com.cn/" },
    {
      changes: { useFipsEndpoint: true },
      endpoint: "https://ecs-fips.us-west-2.amazonaws.com/",
    },
    { changes: { useDualstackEndpoint: true }, endpoint: "https://ecs.us-west-2.api.aws/" },
    {
      changes: { useFipsEndpoint: true, endpoint: "https://a.example/" },
      endpoint: "https://a.example/",
    },
  ]
) {
  test(`With ${Object.keys(changes).join(", ")} the ECS API is at ${endpoint}`, () => {
    assert.equal(resolveOptions({ ...OPTIONS, ...changes }).ecsEndpoint, endpoint);
  });
}

const BAD: readonly { readonly name: string; readonly values: readonly unknown[] }[] = [
  {
    name: "region",
    values: [
      ...[undefined, null, "", 5, {}, " ", "us-west-2 ", "us-west-2\n", "us west 2", "us/west"],
      ...["us-west-2.example.com", "us-west-2#", "-us-west-2", "us-west-2-"],
    ],
  },
  { name: "agentVersion", values: [undefined, null, "", 5] },
  {
    name: "containerInstanceArn",
    values: [undefined, null, "", "default", 5, "arn:aws:ecs:us-west-2:111122223333"],
  },
  {
    name: "credentials",
    values: [
      ...[undefined, null, "", "AKIDEXAMPLE", 5, {}, { accessKeyId: "", secretAccessKey: "x" }],
      ...[{ secretAccessKey: "made/up" }, { accessKeyId: "AKIDEXAMPLE" }],
      { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "" },
      { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "made/up\n" },
      { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "made/up", sessionToken: "made up" },
    ],
  },
  { name: "allowInsecureEndpoint", values: [null, "", "false", "true", 0, 1, {}] },
  { name: "zoneId", values: [null, 5, {}] },
  {
    name: "endpoint",
    values: [
      ...[null, "", "ecs.us-west-2.amazonaws.com", "ftp://a.example/", "wss://a.example/", 5],
      ...["https://made@a.example/", "https://u:made@a.example", "https://a.example/?token=made"],
      ...["https://a.example/#made", "https://:made@a.example/"],
    ],
  },
  ...Object.keys(DEFAULT_TIMING).map((key) => ({
    name: `timing.${key}`,
    values: badNumbers(key === "maxClockSkewMs" ? 8.65e15 : undefined),
  })),
  ...Object.keys(DEFAULT_LIMITS).map((key) => ({ name: `limits.${key}`, values: badNumbers() })),
];

/**
 * Numbers that no timer and no limit can have; the smallest value that is too large can be passed.
 */
function badNumbers(tooLarge = 1_000_000_001): readonly unknown[] {
  return [-1, NaN, Infinity, -Infinity, tooLarge, undefined, null, "5", {}];
}

for (const { name, values } of BAD) {
  test(`A bad ${name} is refused immediately by an error that names it and quotes no secret`, () => {
    const [group = "", key] = name.split(".");
    for (const value of values) {
      const options = untyped({ [group]: key === undefined ? value : { [key]: value } });
      assert.throws(() => resolveOptions(options), (error) => {
        assert.ok(error instanceof RangeError, `${JSON.stringify(value)}: ${error}`);
        assert.match(error.message, new RegExp(`^(?:The option )?${name.replace(".", "\\.")} `));
        assert.ok(!error.message.includes("made"), error.message);
        return true;
      }, `${name}: ${JSON.stringify(value)}`);
    }
  });
}

test("Regions of every existing form are accepted, and so is a made-up one", () => {
  for (
    const region of ["us-west-2", "ap-southeast-7", "us-gov-west-1", "eu-isoe-west-1", "local"]
  ) {
    assert.equal(resolveOptions({ ...OPTIONS, ...inRegion(region) }).region, region);
  }
});

test("A zero that would invert the meaning of a limit is rejected with the name of the option", () => {
  for (
    const key of ["connectTimeoutMs", "idleTimeoutMs", "backoffMinMs", "failureReportIntervalMs"]
  ) {
    assert.throws(
      () => resolveOptions({ ...OPTIONS, timing: { [key]: 0 } }),
      new RangeError(
        `timing.${key} must be a number from 1 to 1000000000: current value is 0`,
      ),
    );
  }
  assert.throws(
    () => resolveOptions({ ...OPTIONS, limits: { maxLaneMessages: 0 } }),
    /maxLaneMessages/,
  );
  assert.throws(
    () => resolveOptions({ ...OPTIONS, timing: { backoffMaxMs: 100 } }),
    /timing\.backoffMaxMs must not be less than backoffMinMs/,
  );
});

test("A frame must fit into a lane", () => {
  const limits = { maxLaneSize: 5000 };
  assert.equal(resolveOptions({ ...OPTIONS, limits }).limits.maxFrameSize, 5000);
  assert.throws(
    () => resolveOptions({ ...OPTIONS, limits: { ...limits, maxFrameSize: 5001 } }),
    new RangeError("The option limits.maxFrameSize must not be more than limits.maxLaneSize"),
  );
  assert.throws(
    () => resolveOptions({ ...OPTIONS, limits: { ...DEFAULT_LIMITS, ...{ maxFrames: 5 } } }),
    new RangeError("There is no option limits.maxFrames; did you mean limits.maxFrameSize?"),
  );
});

test("A frame must fit into the memory for parsing, so its default is lowered and a larger value is refused", () => {
  const limits = { maxHeldBytes: 1_000_000 };
  assert.equal(resolveOptions({ ...OPTIONS, limits }).limits.maxFrameSize, 50_000);
  assert.equal(
    resolveOptions({ ...OPTIONS, limits: { ...limits, maxFrameSize: 50_000 } }).limits.maxFrameSize,
    50_000,
  );
  assert.throws(
    () => resolveOptions({ ...OPTIONS, limits: { ...limits, maxFrameSize: 50_001 } }),
    new RangeError(
      "The option limits.maxFrameSize must not be more than 50000, a twentieth of " +
        "limits.maxHeldBytes: raise that, too",
    ),
  );
});

test("By default, a frame may be longer than any payload within AWS's limits", () => {
  const { limits } = resolveOptions(OPTIONS);
  assert.equal(limits.maxFrameSize, 4 * 1024 * 1024);
  assert.equal(limits.maxHeldBytes, 128 * 1024 * 1024);
});

test("An unknown time constant is refused by name", () => {
  assert.throws(
    () => resolveOptions({ ...OPTIONS, timing: { ...DEFAULT_TIMING, ...{ idleTimeout: 5 } } }),
    new RangeError("There is no option timing.idleTimeout; did you mean timing.idleTimeoutMs?"),
  );
});

test("A misspelled option is refused, and the error suggests the nearest existing one", () => {
  assert.throws(
    () => resolveOptions(untyped({ payloadMesageHandler: {} })),
    new RangeError("There is no option payloadMesageHandler; did you mean payloadMessageHandler?"),
  );
  assert.throws(
    () => resolveOptions(untyped({ limits: { maxLaneMesages: 1 } })),
    new RangeError(
      "There is no option limits.maxLaneMesages; did you mean limits.maxLaneMessages?",
    ),
  );
});

test("The fields of credentials, handlers and transports are not checked", () => {
  const options = {
    credentials: { ...OPTIONS.credentials, accountId: "111122223333" },
    payloadMessageHandler: { processMessage: () => {}, name: "mine" },
    transport: Object.assign(new MemoryTransport(), { name: "mine" }),
  };
  assert.equal(resolveOptions(untyped(options)).transport, options.transport);
});

test("An agent that is a single object is named once, and its methods are called on it", async () => {
  class Agent {
    readonly started: string[] = [];
    processMessage(message: PayloadMessage): void {
      this.started.push(message.messageId ?? "");
    }
    stopTask(taskArn: string): void {
      this.started.push(`stop ${taskArn}`);
    }
  }
  const agent = new Agent();
  const resolved = resolveOptions({ ...OPTIONS, handlers: agent });
  await resolved.payloadMessageHandler?.processMessage({ messageId: "m1" }, async () => {});
  await resolved.taskStopper?.stopTask("arn");
  assert.deepEqual(agent.started, ["m1", "stop arn"]);
  assert.equal(resolved.eniHandler, undefined);
  assert.equal(resolved.credentialsMetadataSetter, undefined);
});

test("A handler given by its own option takes precedence over the agent's method", () => {
  const taskStopper = { stopTask: () => {} };
  const resolved = resolveOptions({ ...OPTIONS, handlers: { stopTask: () => {} }, taskStopper });
  assert.equal(resolved.taskStopper, taskStopper);
});
