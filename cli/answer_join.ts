/**
 * Joins each message with its answers on one line of the terminal, if the answers arrive right
 * away.
 *
 * @module
 */

import { formatDuration } from "./duration.ts";
import type { Terminal } from "./terminal.ts";
import { shortType, type TimelineEntry } from "./timeline.ts";

/** Time for which a message is held back until its answers arrive, in ms. */
const HOLD_MS = 50;

/** Maximum number of messages that are held back. */
const MAX_HELD = 64;

/** Maximum number of printed messages that are remembered, to recognize late answers. */
const MAX_PRINTED = 1_000;

/**
 * A payload is acknowledged by one AckRequest, and one of these for the credentials of each role.
 */
const CREDENTIALS_ACK = "IAMRoleCredentialsAckRequest";

/** How messages are joined with their answers. */
export interface AnswerJoinOptions {
  /**
   * The direction of messages that are answered: received (`<`) for an agent, sent (`>`) for the
   * service.
   */
  readonly questions: "<" | ">";
  /** Where the lines are shown. */
  readonly terminal: Terminal;
  /** Prints an entry. */
  readonly print: (entry: TimelineEntry) => void;
}

/** A message that is held back until its answers arrive. */
interface Held {
  readonly entry: TimelineEntry;
  readonly answers: TimelineEntry[];
  readonly notes: string[];
}

/** Prints entries in order, with answers added to the messages that they answer. */
export class AnswerJoin {
  readonly #options: AnswerJoinOptions;
  #held: Held[] = [];
  readonly #printed = new Map<string, TimelineEntry>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param options How messages are joined. */
  constructor(options: AnswerJoinOptions) {
    this.#options = options;
  }

  /** Handles an entry. */
  take(entry: TimelineEntry): void {
    // Programs that read a pipe get one line for each event.
    if (!this.#options.terminal.isTerminal) return this.#options.print(entry);
    const { direction, id } = entry;
    if (id && direction === this.#options.questions) return this.#hold(entry);
    const isAnswer = id && (direction === "<" || direction === ">");
    const question = isAnswer
      ? this.#held.find((held) => keyOf(held.entry) === keyOf(entry))
      : undefined;
    if (question !== undefined) {
      question.answers.push(entry);
      return;
    }
    this.flush();
    const earlier = isAnswer ? this.#printed.get(keyOf(entry)) : undefined;
    this.#options.print(earlier === undefined ? entry : late(entry, earlier));
  }

  /**
   * Handles a note about what the agent did. It is added to the oldest unanswered message, unless
   * messages of several types are unanswered.
   */
  note(entry: TimelineEntry): void {
    const unanswered = this.#held.filter(({ answers }) => answers.length === 0);
    const [first, ...others] = unanswered.length > 0 ? unanswered : this.#held;
    if (first === undefined || others.some((each) => each.entry.what !== first.entry.what)) {
      return this.take(entry);
    }
    first.notes.push(entry.note);
  }

  /** Prints the messages that are held back. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const held = this.#held;
    this.#held = [];
    for (const each of held) this.#print(each);
  }

  #hold(entry: TimelineEntry): void {
    if (this.#held.length >= MAX_HELD) this.flush();
    this.#held.push({ entry, answers: [], notes: [] });
    this.#timer ??= setTimeout(() => this.flush(), HOLD_MS);
  }

  #print({ entry, answers, notes }: Held): void {
    const { print, questions, terminal: { signs } } = this.#options;
    this.#printed.set(keyOf(entry), entry);
    for (const [oldest] of this.#printed) {
      if (this.#printed.size <= MAX_PRINTED) break;
      this.#printed.delete(oldest);
    }
    const details = [...(entry.details ?? []), ...notes];
    const last = answers.at(-1);
    if (last === undefined) return print({ ...entry, details });
    const sign = questions === "<" ? signs.sent : signs.received;
    const answered = `${sign} ${namesOf(answers, entry)} in ${between(entry, last)}`;
    // The size of a received message matters less, and would not fit next to its answers.
    const before = questions === "<" || entry.note === "" ? "" : `${entry.note}  `;
    print({ ...entry, note: `${before}${answered}`, details });
  }
}

function keyOf({ who = "", id = "" }: TimelineEntry): string {
  return `${who} ${id}`;
}

function between(earlier: TimelineEntry, later: TimelineEntry): string {
  return formatDuration(Math.max(0, later.time.getTime() - earlier.time.getTime()));
}

/** Describes an answer that arrived after its message was printed. */
function late(entry: TimelineEntry, earlier: TimelineEntry): TimelineEntry {
  const note = `to ${shortType(earlier.what)}, after ${between(earlier, entry)}`;
  return { ...entry, note: [entry.note, note].filter((part) => part !== "").join(", ") };
}

/** Abbreviates the types of answers, such as `Ack + 2 credentials`. */
function namesOf(answers: readonly TimelineEntry[], question: TimelineEntry): string {
  const acks = [CREDENTIALS_ACK, `${shortType(question.what)}AckRequest`];
  if (answers.length === 1 && acks.includes(answers[0]?.what ?? "")) return "Ack";
  const others = answers.filter(({ what }) => what !== CREDENTIALS_ACK);
  const credentials = answers.length - others.length;
  return [
    ...others.map(({ what }) => shortType(what)),
    ...credentials === 0 ? [] : [`${credentials} credentials`],
  ].join(" + ");
}
