import assert from "node:assert/strict";
import { isMissingPackage } from "../../cli/optional_package.ts";
import { test } from "../testing/test.ts";

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/**
 * The message of each runtime, recorded with an agent that has the package without its optional
 * peer.
 */
const MISSING: Readonly<Record<string, Error>> = {
  "Node": withCode(
    "ERR_MODULE_NOT_FOUND",
    "Cannot find package '@aws-sdk/credential-providers' imported from /app/provider_chain.js",
  ),
  "Node, in a bundle for CommonJS": withCode(
    "MODULE_NOT_FOUND",
    "Cannot find module '@aws-sdk/credential-providers'\nRequire stack:\n- /app/bundle.cjs",
  ),
  "Yarn's Plug'n'Play": withCode(
    "MODULE_NOT_FOUND",
    "@acs/session tried to access @aws-sdk/credential-providers (a peer dependency) but it isn't " +
      "provided by your application; this makes the require call ambiguous and unsound.",
  ),
  "Deno, from a package": withCode(
    "ERR_MODULE_NOT_FOUND",
    "Could not find package '@aws-sdk/credential-providers' from referrer 'file:///app/run.js'.",
  ),
  "Deno, from a program": withCode(
    "ERR_MODULE_NOT_FOUND",
    'Import "@aws-sdk/credential-providers" not a dependency',
  ),
};

for (const [who, error] of Object.entries(MISSING)) {
  test(`acs run names the optional package if ${who} does not find it`, () => {
    assert.equal(isMissingPackage(error, "@aws-sdk/credential-providers"), true);
  });
}

test("acs run does not name the optional package if something else is missing", () => {
  const others = [
    withCode(
      "ERR_MODULE_NOT_FOUND",
      "Cannot find package '@smithy/core' imported from " +
        "/app/node_modules/@aws-sdk/credential-providers/dist-es/index.js",
    ),
    withCode(
      "MODULE_NOT_FOUND",
      "@aws-sdk/credential-providers tried to access @smithy/core, but it isn't declared in its " +
        "dependencies",
    ),
    new Error("Cannot find package '@aws-sdk/credential-providers'"),
    undefined,
  ];
  for (const error of others) {
    assert.equal(isMissingPackage(error, "@aws-sdk/credential-providers"), false);
  }
});
