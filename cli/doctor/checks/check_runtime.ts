import process from "node:process";
import { type CheckOutcome, passed } from "../check.ts";

/** The first tested version of each line of Node.js; later lines are assumed to work. */
const OLDEST: ReadonlyMap<number, number> = new Map([[22, 13], [24, 0]]);
const FIRST_LATER_LINE = 26;

/** Checks that this package is tested with the runtime. */
export function checkRuntime(runtime: string = runtimeName()): CheckOutcome {
  const [name = "", version = ""] = runtime.split(" ");
  if (name === "Deno") return passed(runtime);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major >= FIRST_LATER_LINE || minor >= (OLDEST.get(major) ?? Infinity)) return passed(runtime);
  return {
    status: major < 22 ? "failed" : "warning",
    detail: `${runtime} is not supported`,
    cause: `${runtime} is not one of the versions that this package is tested with.`,
    fix: "Use Node.js 22.13 or later, 24 or 26.",
  };
}

/** Such as `Node.js 24.21.0` or `Deno 2.9.6`. */
export function runtimeName(): string {
  const { deno } = process.versions;
  return deno === undefined ? `Node.js ${process.versions.node}` : `Deno ${deno}`;
}
