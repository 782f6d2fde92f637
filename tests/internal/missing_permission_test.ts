import assert from "node:assert/strict";
import { missingPermission } from "../../internal/missing_permission.ts";
import { permissionError } from "../../wsclient/permission_error.ts";
import { test } from "../testing/test.ts";

/** An error as a runtime throws it. */
function errorWith(message: string, fields: Readonly<Record<string, unknown>>): Error {
  return Object.assign(new Error(message), fields);
}

const DENIED = errorWith("Access to this API has been restricted.", {
  code: "ERR_ACCESS_DENIED",
  permission: "Net",
  resource: "127.0.0.1",
});

const CASES = [
  {
    what: "Deno's for a host",
    error: errorWith(
      'Requires net access to "ecs.us-west-2.amazonaws.com:443", run again with the --allow-net flag',
      { name: "NotCapable" },
    ),
    flag: "--allow-net=ecs.us-west-2.amazonaws.com:443",
  },
  {
    what: "Deno's for a variable",
    error: errorWith('Requires env access to "HOME", run again with the --allow-env flag', {
      name: "NotCapable",
    }),
    flag: "--allow-env=HOME",
  },
  {
    what: "Deno's for all variables",
    error: errorWith("Requires env access, run again with the --allow-env flag", {
      name: "NotCapable",
    }),
    flag: "--allow-env",
  },
  {
    what: "Deno's for a name that node:dns looks up",
    error: errorWith("getaddrinfo EPERM acs.example", {
      code: "EPERM",
      syscall: "getaddrinfo",
      hostname: "acs.example",
    }),
    flag: "--allow-net=acs.example",
  },
  { what: "Node's for an address", error: DENIED, flag: "--allow-net" },
  {
    what: "Node's for a name",
    error: errorWith("getaddrinfo ERR_ACCESS_DENIED acs.example", {
      code: "ERR_ACCESS_DENIED",
      syscall: "getaddrinfo",
      hostname: "acs.example",
    }),
    flag: "--allow-net",
  },
  {
    what: "Node's for a file",
    error: errorWith("Access to this API has been restricted.", {
      code: "ERR_ACCESS_DENIED",
      permission: "FileSystemRead",
      resource: "/root/.aws/credentials",
    }),
    flag: "--allow-fs-read=/root/.aws/credentials",
  },
  {
    what: "Node's for a program",
    error: errorWith("Use --allow-child-process to manage permissions.", {
      code: "ERR_ACCESS_DENIED",
    }),
    flag: "--allow-child-process",
  },
  {
    what: "an error in the cause of a cause",
    error: new TypeError("fetch failed", { cause: new Error("connect", { cause: DENIED }) }),
    flag: "--allow-net",
  },
  {
    what: "a code whose cause says more",
    error: Object.assign(new Error("cannot connect", { cause: DENIED }), {
      code: "ERR_ACCESS_DENIED",
    }),
    flag: "--allow-net",
  },
  {
    what: "a code and nothing else",
    error: errorWith("cannot connect", { code: "ERR_ACCESS_DENIED" }),
    flag: "the --allow flag for what the cause names",
  },
  {
    what: "several errors, one for each address",
    error: new AggregateError([new Error("ECONNREFUSED"), DENIED], ""),
    flag: "--allow-net",
  },
];

for (const { what, error, flag } of CASES) {
  test(`A missing permission is recognized by ${what}: the process needs ${flag}`, () => {
    assert.equal(missingPermission(error), flag);
    const explained = permissionError("Cannot connect to acs.example", "acs.example", error);
    assert.equal(explained?.retryable, false);
    assert.equal(explained.cause, error);
    assert.equal(
      explained.message,
      `Cannot connect to acs.example: the process is not permitted to; run it with ${flag}`,
    );
  });
}

test("No other error is mistaken for a missing permission, whatever was thrown", () => {
  const circle = new Error("round");
  circle.cause = circle;
  const trap = new Proxy({}, {
    get() {
      throw new Error("do not look");
    },
  });
  const others = [
    errorWith("connect EPERM 10.0.0.1:443", { code: "EPERM", syscall: "connect" }),
    errorWith("permission denied", { code: "EACCES" }),
    errorWith("x", { errors: "none" }),
    circle,
    trap,
    undefined,
    null,
    "NotCapable",
    5,
  ];
  for (const other of others) {
    assert.equal(missingPermission(other), undefined);
    assert.equal(permissionError("x", "acs.example", other), undefined);
  }
});
