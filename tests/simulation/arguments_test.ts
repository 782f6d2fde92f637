import assert from "node:assert/strict";
import { test } from "../testing/test.ts";
import { ArgumentError, parseArguments, type SimulateArguments } from "./arguments.ts";

function seedsOf(...args: string[]): readonly number[] | undefined {
  const parsed: SimulateArguments = parseArguments(args);
  return parsed.mode === "seeds" ? parsed.seeds : undefined;
}

test("Seeds are given as one, as a range, as a list, or not at all", () => {
  assert.deepEqual(seedsOf("--seed", "7"), [7]);
  assert.deepEqual(seedsOf("--seeds", "3-5"), [3, 4, 5]);
  assert.deepEqual(seedsOf("--seeds", "1,4,9"), [1, 4, 9]);
  assert.deepEqual(seedsOf("--seeds", "1-3,2,7"), [1, 2, 3, 7]);
  assert.equal(seedsOf()?.length, 10);
  assert.deepEqual(seedsOf("--fresh"), []);
  assert.deepEqual(seedsOf("--fresh", "--seed", "2147483647"), [2 ** 31 - 1]);
});

test("A wrong argument of a simulation is reported with its name and its value", () => {
  const wrong: readonly (readonly [args: readonly string[], what: RegExp])[] = [
    [["--seeds", "5-3"], /--seeds must begin with the smaller seed: 5-3/],
    [["--seeds", "1,,2"], /--seeds must be a whole number from 1 to 2147483647: ""/],
    [["--seeds", "1-2000000000"], /at most 100000 seeds/],
    [["--seed", "0"], /--seed must be a whole number .*: "0"/],
    [["--seed", "1.5"], /--seed must be a whole number .*: "1\.5"/],
    [["--seed", "99999999999"], /--seed must be a whole number .*: "99999999999"/],
    [["--seed", ""], /--seed must be a whole number/],
    [["--seed", "1", "--seeds", "2"], /--seed and --seeds are the same/],
    [["--days", "0"], /--days must be a number greater than 0, at most 36525: "0"/],
    [["--days", "Infinity"], /--days must be a number/],
    [["--processes", "1.5"], /--processes must be a whole number from 1 to 1000: "1\.5"/],
    [["--level", "hot"], /--level must be calm, rough, hell: "hot"/],
    [["--years", "-1"], /--years/],
    [["--years", "11", "--seeds", "1-3"], /--seeds has no effect with --years/],
    [["--mutants", "--level", "calm"], /--level has no effect with --mutants/],
    [["--rate", "hell"], /Unknown option '--rate'/],
    [["hell"], /Unexpected argument 'hell'/],
  ];
  for (const [args, what] of wrong) {
    assert.throws(() => parseArguments(args), (error: unknown) => {
      assert.ok(error instanceof ArgumentError, String(error));
      assert.match(error.message, what);
      return true;
    });
  }
});
