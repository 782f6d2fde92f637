import assert from "node:assert/strict";
import { checkInstalledPackages, type InstalledPackage } from "../../scripts/npm/installed_size.ts";
import { test } from "../testing/test.ts";

const OWN = "@acs/session";

function installed(name: string, bytes: number): InstalledPackage {
  return { name, bytes, hasInstallScript: false };
}

test("A dependency that grows does not fail the build", () => {
  const packages = [installed(OWN, 700_000), installed("@logtape/logtape", 900_000_000)];
  assert.deepEqual(checkInstalledPackages(packages, OWN), []);
});

test("The build fails if our own files exceed 2 MB", () => {
  const problems = checkInstalledPackages([installed(OWN, 2_000_001)], OWN);
  assert.deepEqual(problems, ["@acs/session is larger than 2,000,000 bytes"]);
});

test("The build fails if a seventh package is installed with ours, and names them", () => {
  const others = ["a", "b", "c", "d", "e", "f", "g"].map((name) => installed(name, 1));
  const [problem, ...rest] = checkInstalledPackages([installed(OWN, 1), ...others], OWN);
  assert.match(String(problem), /^7 packages are installed .* a, b, c, d, e, f, g$/);
  assert.deepEqual(rest, []);
});

test("The build fails if a package runs a script during installation", () => {
  const packages = [{ name: "a", bytes: 1, hasInstallScript: true }];
  assert.deepEqual(checkInstalledPackages(packages, OWN), [
    "a runs a script during installation",
  ]);
});
