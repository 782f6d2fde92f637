/**
 * What `acs run` writes to stdout: a timeline for people, or one JSON object per line.
 *
 * @module
 */

import type { AwsCredentialIdentity } from "../wsclient/signing/credentials.ts";
import type { ReportedTask } from "./dry_run_agent.ts";
import { AnswerJoin } from "./answer_join.ts";
import { formatDuration } from "./duration.ts";
import { FailureFold } from "./failure_fold.ts";
import { shortKeyId } from "./reported_credentials.ts";
import type { RunSettings } from "./run_settings.ts";
import { lastLine, type RunEnding, type RunTally } from "./run_tally.ts";
import type { Screen } from "./screen.ts";
import { formatJson, type ReportedEvent } from "./reported_event.ts";
import { Timeline, type TimelineEntry } from "./timeline.ts";
import { VERSION } from "./version.ts";

/** What `acs run` has begun with. */
export interface RunStart {
  /** The agent's identity and where it connects. */
  readonly settings: RunSettings;
  /** The URL of the ECS API. */
  readonly ecsUrl: string;
  /** Where metrics and probes are served, if they are. */
  readonly metricsUrl: string | undefined;
}

/** Writes what happens. */
export interface RunOutput {
  /** The session is about to start. */
  started(start: RunStart): void;
  /** The credentials in use have changed. */
  credentials(keys: AwsCredentialIdentity): void;
  /** The agent has done something, perhaps with a task. */
  agent(note: string, task: ReportedTask | undefined): void;
  /** The session has reported an event. */
  event(event: ReportedEvent): void;
  /** The session has ended. */
  ended(ending: RunEnding): void;
}

/**
 * Writes a timeline.
 *
 * @param screen Where it goes.
 * @param tally What has happened.
 * @param start When it began, to show seconds since; by default the time of day is shown.
 */
export function textOutput(screen: Screen, tally: RunTally, start?: Date): RunOutput {
  const timeline = new Timeline({ terminal: screen.out, start });
  const join = new AnswerJoin({
    questions: "<",
    terminal: screen.out,
    print: (entry) => screen.print(timeline.format(entry)),
  });
  const fold = new FailureFold((entry) => join.take(entry));
  const entryOf = (what: string, note: string): TimelineEntry => ({
    time: new Date(),
    direction: " ",
    what,
    note,
  });
  return {
    started({ metricsUrl }) {
      // The header has the rest.
      if (metricsUrl === undefined) return;
      join.take(entryOf("metrics", `${metricsUrl}/metrics, /healthz and /readyz`));
    },
    credentials({ accessKeyId, expiration }) {
      const left = expiration === undefined
        ? ""
        : `, expire in ${formatDuration(expiration.getTime() - Date.now())}`;
      join.take(entryOf("credentials", `${shortKeyId(accessKeyId)}${left}`));
    },
    agent: (text) => join.note(entryOf("agent", text)),
    event(event) {
      // The last line repeats the event `stopped`, with more details.
      if (event.event !== "stopped" && !event.isRoutine) fold.take(event);
    },
    ended(ending) {
      join.flush();
      screen.print(lastLine(tally, ending));
    },
  };
}

/**
 * Writes JSON.
 *
 * @param screen Where it goes.
 * @param tally What has happened.
 */
export function jsonOutput(screen: Screen, tally: RunTally): RunOutput {
  const print = (event: string, fields: object) => {
    const common = { version: VERSION, attempt: tally.attempts, code: null, retryable: null };
    screen.print(formatJson({ time: new Date(), event, fields: { ...common, ...fields } }));
  };
  return {
    started({ settings: { region, cluster, containerInstanceArn }, ecsUrl, metricsUrl }) {
      print("started", {
        region: region.value,
        cluster: cluster.value,
        containerInstanceArn: containerInstanceArn.value,
        endpoint: ecsUrl,
        metrics: metricsUrl,
      });
    },
    credentials({ accessKeyId, expiration }) {
      print("credentials", { keyId: shortKeyId(accessKeyId), expiration });
    },
    agent: (note, task) => print("agent", { note, ...task }),
    event: (event) => screen.print(formatJson(event)),
    ended({ runMs, connectedMs }) {
      const { connections, received, sent, dropped, exitCode, code = null } = tally;
      const counts = { connections, received, sent, dropped };
      print("summary", { code, exitCode, runMs, connectedMs, ...counts });
    },
  };
}
