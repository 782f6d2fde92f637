/**
 * Cuts the connection of a session to the emulator, in every way and at bad moments.
 *
 * @module
 */

import type { AcsEmulator } from "../../../emulator/mod.ts";
import type { RandomSource } from "../../../internal/jitter.ts";
import { drawBelow, drawOne } from "../fuzz/seeded_random.ts";
import type { TcpFront } from "./tcp_front.ts";

/** Where connections can be cut: at the service and on the way to it. */
export interface CutPlaces {
  readonly emulator: AcsEmulator;
  /** The proxy in front of it. */
  readonly front: TcpFront;
}

const WAYS: Readonly<Record<string, (places: CutPlaces) => void>> = {
  "FIN": ({ emulator }) => emulator.endConnections(),
  "RST": ({ emulator }) => emulator.resetConnections(),
  "close 1000": ({ emulator }) => emulator.closeConnections(1000),
  "close 1001": ({ emulator }) => emulator.closeConnections(1001),
  "close 1008": ({ emulator }) => emulator.closeConnections(1008),
  "close 1011": ({ emulator }) => emulator.closeConnections(1011),
  "close 4000": ({ emulator }) => emulator.closeConnections(4000),
  "FIN inside a message": ({ front }) => front.cutNextFrame("service", "fin"),
  "RST inside a message": ({ front }) => front.cutNextFrame("service", "rst"),
  "FIN inside an ack": ({ front }) => front.cutNextFrame("agent", "fin"),
  "RST inside an ack": ({ front }) => front.cutNextFrame("agent", "rst"),
};

/** How often a cutter cuts. */
export interface CutterOptions {
  /** The total number of cuts. */
  readonly cuts: number;
  /** The average number of opportunities that it skips between two cuts. */
  readonly chancesBetween: number;
  /** Decides when and how. */
  readonly random: RandomSource;
}

/** Cuts occasionally, one cut at a time. */
export class Cutter {
  /** The number of cuts so far, by kind. */
  readonly made: Map<string, number> = new Map(Object.keys(WAYS).map((way) => [way, 0]));
  readonly #places: CutPlaces;
  readonly #options: CutterOptions;
  #chancesLeft: number;
  #count = 0;
  #isUnderWay = false;

  /**
   * Waits for its first opportunity.
   *
   * @param places Where it cuts.
   * @param options How often.
   */
  constructor(places: CutPlaces, options: CutterOptions) {
    this.#places = places;
    this.#options = options;
    this.#chancesLeft = options.chancesBetween;
  }

  /** The number of cuts so far. */
  get count(): number {
    return this.#count;
  }

  /** Whether to cut at this opportunity. */
  isDue(): boolean {
    const { cuts, chancesBetween, random } = this.#options;
    if (this.#isUnderWay || this.#count === cuts) return false;
    this.#chancesLeft -= 1;
    if (this.#chancesLeft > 0) return false;
    this.#chancesLeft = drawBelow(2 * chancesBetween, random);
    return true;
  }

  /** Cuts, unless a cut is in progress: there will be another opportunity. */
  cut(): void {
    if (this.#isUnderWay || this.#count === this.#options.cuts) return;
    const way = drawOne(Object.keys(WAYS), this.#options.random);
    this.#isUnderWay = true;
    this.#count += 1;
    this.made.set(way, (this.made.get(way) ?? 0) + 1);
    WAYS[way]?.(this.#places);
    // Its answer is a frame, too: so there is one to cut, whatever else happens.
    this.#places.emulator.sendHeartbeat();
  }

  /** There is a connection: it may be cut. */
  connected(): void {
    this.#isUnderWay = false;
  }
}
