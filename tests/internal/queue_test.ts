import fc from "fast-check";
import assert from "node:assert/strict";
import { Queue } from "../../internal/queue.ts";
import { test } from "../testing/test.ts";

test("A queue returns its items in order, however pushes and takes are mixed", () => {
  const steps = fc.array(fc.oneof(fc.nat(), fc.constantFrom("take", "clear")));
  fc.assert(fc.property(steps, (steps) => {
    const queue = new Queue<number>();
    let model: number[] = [];
    for (const step of steps) {
      if (typeof step === "number") {
        queue.push(step);
        model.push(step);
      } else if (step === "take") {
        assert.equal(queue.shift(), model.shift());
      } else {
        assert.deepEqual(queue.clear(), model);
        model = [];
      }
      assert.equal(queue.length, model.length);
      assert.equal(queue.oldest, model[0]);
    }
  }));
});
