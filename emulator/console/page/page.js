/**
 * The page: connects the model with the views.
 *
 * @module
 */

import { call, CallError, list, readIndex } from "./api.js";
import { queryOf } from "./commands.js";
import { Composer } from "./composer.js";
import { showDetail } from "./detail.js";
import { announce, byId, on, part, setText } from "./dom.js";
import { duration, isObject } from "./entry.js";
import { FaultsPanel } from "./faults_panel.js";
import { filterFor } from "./filter.js";
import { listenToKeys } from "./keys.js";
import { Live } from "./live.js";
import { Model } from "./model.js";
import { Pace } from "./pace.js";
import { Recorder } from "./recorder.js";
import { ScenarioPanel } from "./scenario_panel.js";
import { Sidebar } from "./sidebar.js";
import { MAX_TABLE_ROWS, PendingTable, TasksTable } from "./tables.js";
import { Timeline } from "./timeline.js";
import { promptForToken } from "./token_dialog.js";
import { entryOf, openTrace, TraceFileError } from "./trace_file.js";
import { VIEWS, Views } from "./view.js";

/** @typedef {import("./entry.js").Entry} Entry */
/** @typedef {import("./entry.js").Row} Row */
/** @typedef {import("./sidebar.js").AgentInfo} AgentInfo */

/** Minimum and maximum time between two refreshes of the control plane's data, in ms. */
const [MIN_REFRESH_MS, MAX_REFRESH_MS] = [1_000, 5_000];

export class Page {
  #model = new Model();
  #recorder = new Recorder();
  #timeline = new Timeline(part("timeline"), {
    selected: (row) => this.#select(row),
    followed: (isFollowing) => this.#showFollow(isFollowing),
  });
  #filter = byId("filter", "input");
  #heartbeats = byId("heartbeats", "input");
  #isShown = filterFor("", false);
  #views = new Views(() => this.#refreshSoon());
  #send = (/** @type {string} */ operation, /** @type {Record<string, unknown>} */ input) => {
    void this.#call(operation, input).then((answer) => announce(answer, answer.startsWith("✗")));
  };
  #faults = new FaultsPanel(this.#send);
  #pending = new PendingTable((word) => this.#setFilter(`id:${word}`));
  #tasks = new TasksTable(this.#send, (taskArn) => this.#setFilter(taskArn));
  #sidebar = new Sidebar(
    (operation, arn) => this.#act(operation, arn),
    (arn) => this.#setFilter(`agent:${arn.slice(-6)}`),
  );
  #composer = new Composer(({ name, method }, input) => this.#call(name, input, method === "GET"));
  #scenario = new ScenarioPanel(
    this.#recorder,
    () =>
      this.#views.count("scenario", this.#recorder.isRecording ? "●" : this.#recorder.steps.length),
  );
  /** What the control plane reports about agents, by ARN. */
  /** @type {Map<string, AgentInfo>} */
  #infos = new Map();
  /** @type {Live | undefined} */
  #live;
  #where = "";
  #startedAt = 0;
  #refreshedAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #refreshing;
  /** Whether something has changed since the last refresh began. */
  #isStale = false;
  #isTrace = false;
  /** Number of traces that were opened; only the newest one is still read. */
  #traces = 0;
  /** The newest entry when the timeline stopped following. */
  #seenNumber = 0;

  constructor() {
    on(this.#filter, "input", () => this.#refilter());
    on(this.#heartbeats, "change", () => this.#refilter());
    on(part("follow"), "click", () => this.#timeline.follow(!this.#timeline.isFollowing));
    const toggle = part("composer-toggle");
    on(toggle, "click", () => {
      const fields = part("composer-fields");
      fields.hidden = !fields.hidden;
      toggle.setAttribute("aria-expanded", String(!fields.hidden));
    });
    const help = byId("help", "dialog");
    on(part("help-open"), "click", () => help.showModal());
    listenToKeys({
      "/": () => {
        this.#views.show("live");
        this.#filter.focus();
      },
      "?": () => help.showModal(),
      l: () => this.#timeline.follow(!this.#timeline.isFollowing),
      h: () => this.#heartbeats.click(),
      c: () => this.#composer.focus(),
      r: () => this.#isTrace || this.#scenario.toggle(),
      ...Object.fromEntries(VIEWS.map((name, index) => [index + 1, () => this.#views.show(name)])),
    }, () => {
      if (this.#timeline.selected) this.#timeline.select(undefined);
      else this.#setFilter("");
    });
    setInterval(() => this.#tick(), 1_000);
  }

  /** Follows the emulator that serves the page; never resolves. */
  async follow() {
    this.#live = new Live({
      lastNumber: () => this.#model.lastNumber,
      add: (entry) => this.#add(entry),
      restarted: () => {
        this.#reset();
        announce("The emulator was restarted.");
      },
      status: (status, detail) => {
        const node = part("status");
        node.className = status;
        setText(
          node,
          { live: "● live", connecting: "○ connecting", offline: `○ ${detail}` }[status],
        );
        if (status === "live") void this.#begin();
      },
      promptForToken,
    });
    await this.#live.run();
  }

  /**
   * Shows a trace instead of an emulator.
   *
   * @param {string} text
   * @param {string} name
   */
  async openTrace(text, name) {
    /** @type {string[]} */
    let problems;
    try {
      const { header, lines } = openTrace(text);
      this.#live?.stop();
      this.#isTrace = true;
      document.body.classList.add("trace");
      this.#reset();
      this.#views.show("live");
      setText(
        part("where"),
        [name, header.scenario, header.producer, header.recordedAt].filter(Boolean).join(" · "),
      );
      const status = part("status");
      status.className = "";
      setText(status, "trace");
      problems = await this.#addLines(lines);
    } catch (error) {
      if (!(error instanceof TraceFileError)) throw error;
      return announce(`${name}: ${error.message}`, true);
    }
    if (problems.length > 0) announce(`${name}: ${problems.join(" ")}`, true);
    this.#timeline.follow(false);
    this.#timeline.go(0);
    this.#timeline.select(undefined);
    this.#tick();
  }

  /**
   * @param {string[]} lines
   * @returns {Promise<string[]>} The first problem, if there is one, or what is not shown.
   */
  async #addLines(lines) {
    const pace = new Pace();
    const trace = ++this.#traces;
    let count = 0;
    /** @type {number | undefined} */
    let next;
    for (const [index, line] of lines.entries()) {
      if (index === 0) continue;
      try {
        const entry = entryOf(line, index + 1, next);
        if (entry) {
          next = entry.number + 1;
          count++;
          this.#add(entry);
        }
      } catch (error) {
        // Anything else is thrown for a field of the wrong type.
        const isKnown = error instanceof TraceFileError;
        return [isKnown ? error.message : `Line ${index + 1} is not an entry.`];
      }
      if (pace.isOver) await pace.rest();
      if (trace !== this.#traces) return [];
    }
    const shown = this.#model.rows.length;
    return shown < count ? [`Only the newest ${shown} of ${count} events are shown.`] : [];
  }

  /** @param {Entry} entry */
  #add(entry) {
    const row = this.#model.add(entry);
    if (this.#isShown(row)) this.#timeline.rows.push(row);
    const oldest = this.#model.trim();
    if (oldest) this.#timeline.dropBefore(oldest);
    this.#recorder.happened(row);
    if (this.#recorder.isRecording && row.entry.event !== "sent") this.#recordedSoon();
    if (row.question && row.question === this.#timeline.selected) {
      this.#select(row.question);
    }
    this.#timeline.changed();
    if (!this.#isTrace) this.#refreshSoon();
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #recorded;

  #recordedSoon() {
    this.#recorded ??= setTimeout(() => {
      this.#recorded = undefined;
      this.#scenario.show();
    }, 200);
  }

  #reset() {
    this.#model = new Model();
    this.#infos.clear();
    setText(part("agents-more"), "");
    this.#timeline.show([]);
  }

  #refilter() {
    this.#isShown = filterFor(this.#filter.value, this.#heartbeats.checked);
    this.#timeline.show(this.#model.rows.filter(this.#isShown));
    this.#tick();
  }

  /** @param {string} words */
  #setFilter(words) {
    this.#views.show("live");
    this.#filter.value = words;
    this.#refilter();
  }

  /** @param {boolean} isFollowing */
  #showFollow(isFollowing) {
    this.#seenNumber = this.#model.lastNumber;
    part("follow").setAttribute("aria-pressed", String(isFollowing));
  }

  /** @param {Row | undefined} row */
  #select(row) {
    const panel = part("detail");
    panel.hidden = !row;
    if (!row) {
      panel.replaceChildren();
      return;
    }
    showDetail(panel, row, {
      isLive: !this.#isTrace,
      send: this.#send,
      addStep: (step) => {
        this.#recorder.add(step);
        this.#scenario.show();
        announce("Added to the scenario.");
      },
      close: () => {
        this.#timeline.select(undefined);
        this.#timeline.focus();
      },
    });
  }

  /**
   * Runs the action of an agent's button.
   *
   * @param {string} operation
   * @param {string} containerInstanceArn
   */
  #act(operation, containerInstanceArn) {
    if (operation !== "inject-fault") return this.#send(operation, { containerInstanceArn });
    this.#views.show("faults");
    this.#faults.choose(containerInstanceArn);
  }

  /**
   * Makes a call, and records it.
   *
   * @param {string} operation
   * @param {Record<string, unknown>} input
   * @param {boolean} [isQuery]
   * @returns {Promise<string>} The result, as text for the user.
   */
  async #call(operation, input, isQuery = false) {
    try {
      const answer = isQuery
        ? await call(operation + queryOf(input))
        : await call(operation, input);
      if (!isQuery) this.#recorder.called(operation, input, answer);
      if (this.#recorder.isRecording) this.#scenario.show();
      this.#refreshSoon();
      return `✓ ${operation} ${JSON.stringify(answer)}`.slice(0, 400);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return `✗ ${operation}: ${error.message}`;
    }
  }

  /** Fetches data that does not change while the emulator runs. */
  async #begin() {
    try {
      const { operations, faults } = await readIndex();
      this.#composer.show(operations);
      this.#faults.know(faults);
      const { url, region, startedAt, version } = await call("state");
      this.#where = [url, region, `v${version}`].join(" · ");
      this.#startedAt = Number(startedAt);
      this.#refreshedAt = 0;
      this.#refreshSoon();
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      // The event stream reports that the emulator is down.
    }
  }

  #refreshSoon() {
    if (this.#isTrace || this.#live === undefined) return this.#showTasks([]);
    this.#isStale = true;
    const wait = Math.max(50, this.#refreshedAt + MIN_REFRESH_MS - Date.now());
    this.#refreshing ??= setTimeout(() => void this.#refresh(), wait);
  }

  /** Fetches data that the entries do not contain. */
  async #refresh() {
    this.#refreshedAt = Date.now();
    this.#isStale = false;
    try {
      const view = this.#views.current;
      const [state, connections, instances, faults, tasks, pending] = await Promise.all([
        call("state"),
        call("connections?limit=50"),
        call("container-instances"),
        call("faults"),
        view === "tasks" ? call(`tasks?limit=${MAX_TABLE_ROWS}`) : { tasks: undefined },
        call("pending"),
      ]);
      if (this.#isTrace) return;
      this.#views.count("tasks", Number(state.tasks));
      this.#views.count("pending", Number(state.pending));
      this.#views.count("faults", this.#faults.show(faults));
      this.#learnAgents(
        list(connections.connections),
        list(instances.containerInstances),
        list(pending.pending),
      );
      if (view === "tasks") this.#showTasks(list(tasks.tasks));
      if (view === "pending") {
        this.#pending.show(/** @type {import("./tables.js").Pending[]} */ (pending.pending));
      }
      this.#tick();
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      // The event stream reports that the emulator is down.
    } finally {
      this.#refreshing = undefined;
      if (this.#isStale) this.#refreshSoon();
    }
  }

  /**
   * @param {Record<string, unknown>[]} connections
   * @param {Record<string, unknown>[]} instances
   * @param {Record<string, unknown>[]} pending
   */
  #learnAgents(connections, instances, pending) {
    for (const { id, open, connectedAt, containerInstanceArn, clusterArn, agent } of connections) {
      const arn = String(containerInstanceArn);
      if (open) this.#model.learnOpen(Number(id), arn, Number(connectedAt));
      const status = instances.find((each) => each.containerInstanceArn === arn)?.status;
      this.#infos.set(arn, {
        version: isObject(agent) ? String(agent.version) : "",
        cluster: String(clusterArn).split("/").at(-1) ?? "",
        inactive: status === "INACTIVE",
        pending: pending.filter((each) => each.containerInstanceArn === arn).length,
      });
    }
    const more = instances.length - this.#model.agents.size;
    setText(part("agents-more"), more > 0 ? `… and ${more} that were active earlier` : "");
    const arns = [...this.#model.agents.keys()];
    this.#composer.know(arns, [...this.#model.tasks.keys()].reverse().slice(0, 50));
    this.#faults.knowAgents(arns);
  }

  /** @param {Record<string, unknown>[]} known The tasks of the control plane; empty for a trace. */
  #showTasks(known) {
    const { tasks, families } = this.#model;
    const listed = this.#isTrace
      ? [...tasks.values()]
      : /** @type {import("./model.js").Task[]} */ (
        /** @type {unknown} */ (known)
      );
    this.#tasks.show(
      listed.map((task) => ({ ...task, family: families.get(task.taskArn) ?? "" })).reverse(),
    );
    if (this.#isTrace) this.#views.count("tasks", listed.length);
  }

  /** Updates counters and durations. */
  #tick() {
    const now = this.#isTrace ? this.#model.rows.at(-1)?.entry.at ?? 0 : Date.now();
    this.#sidebar.show(this.#model, ({ arn }) => this.#infos.get(arn), now);
    const [shown, all] = [this.#timeline.rows.length, this.#model.rows.length];
    const isFiltered = this.#filter.value.trim() !== "" || this.#heartbeats.checked;
    setText(
      part("count"),
      isFiltered ? `${shown} rows of ${all} events` : `${all} events`,
    );
    const unseen = this.#timeline.isFollowing ? 0 : this.#model.lastNumber - this.#seenNumber;
    setText(part("follow"), unseen > 0 ? `live ▼ ${unseen} new` : "live ▼");
    if (this.#isTrace || this.#where === "") return;
    setText(
      part("where"),
      `${this.#where} · up ${duration(Math.max(0, now - this.#startedAt))}`,
    );
    if (Date.now() - this.#refreshedAt > MAX_REFRESH_MS) this.#refreshSoon();
  }
}
