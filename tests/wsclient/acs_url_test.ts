import fc from "fast-check";
import assert from "node:assert/strict";
import { acsUrl, type AcsUrlParameters, InvalidEndpointError } from "../../wsclient/acs_url.ts";
import { test } from "../testing/test.ts";

const PARAMETERS: AcsUrlParameters = {
  agentHash: "deadbeef",
  agentVersion: "1.0.0",
  cluster: "default",
  containerInstanceArn: "arn:aws:ecs:us-west-2:111122223333:container-instance/default/a",
  dockerVersion: "25.0.6",
  sendCredentials: true,
};

test("The URL contains everything that the service needs, keys sorted, form-encoded", () => {
  assert.equal(
    acsUrl("https://ecs-a-1.us-west-2.amazonaws.com/", PARAMETERS),
    "wss://ecs-a-1.us-west-2.amazonaws.com/ws?agentHash=deadbeef&agentVersion=1.0.0" +
      "&clusterArn=default" +
      "&containerInstanceArn=arn%3Aaws%3Aecs%3Aus-west-2%3A111122223333%3Acontainer-instance" +
      "%2Fdefault%2Fa&dockerVersion=DockerVersion%3A+25.0.6&protocolVersion=2" +
      "&sendCredentials=true&seqNum=1",
  );
});

test("Keys are sorted with and without a Docker version", () => {
  for (const dockerVersion of ["", "25.0.6", "containerd"]) {
    const url = new URL(acsUrl("https://acs.example", { ...PARAMETERS, dockerVersion }));
    const keys = [...url.searchParams.keys()];
    assert.deepEqual(keys, [...keys].sort());
    assert.equal(new Set(keys).size, keys.length);
  }
});

for (
  const { dockerVersion, sent } of [
    { dockerVersion: "25.0.6", sent: "DockerVersion: 25.0.6" },
    { dockerVersion: "containerd", sent: "containerd" },
    { dockerVersion: "Containerd", sent: "DockerVersion: Containerd" },
    { dockerVersion: "", sent: null },
  ]
) {
  test(`The Docker version "${dockerVersion}" is sent as ${JSON.stringify(sent)}`, () => {
    const url = new URL(acsUrl("https://acs.example", { ...PARAMETERS, dockerVersion }));
    assert.equal(url.searchParams.get("dockerVersion"), sent);
    assert.equal(url.searchParams.has("dockerVersion"), sent !== null);
  });
}

test("The URL has sendCredentials as true or false", () => {
  for (const sendCredentials of [true, false]) {
    const url = new URL(acsUrl("https://acs.example", { ...PARAMETERS, sendCredentials }));
    assert.equal(url.searchParams.get("sendCredentials"), String(sendCredentials));
  }
});

for (
  const { endpoint, start } of [
    { endpoint: "https://acs.example", start: "wss://acs.example/ws?" },
    { endpoint: "https://acs.example/", start: "wss://acs.example/ws?" },
    { endpoint: "http://localhost:8080", start: "ws://localhost:8080/ws?" },
    { endpoint: "http://localhost:8080/", start: "ws://localhost:8080/ws?" },
    { endpoint: "https://acs.example:8443/a/b", start: "wss://acs.example:8443/a/b/ws?" },
    { endpoint: "https://acs.example/a/b/", start: "wss://acs.example/a/b/ws?" },
    { endpoint: "HTTPS://ACS.example/", start: "wss://acs.example/ws?" },
    { endpoint: "http://[::1]:8080", start: "ws://[::1]:8080/ws?" },
    { endpoint: " https://acs.example/ ", start: "wss://acs.example/ws?" },
    { endpoint: "https://acs.example/\n", start: "wss://acs.example/ws?" },
    { endpoint: "https://acs.example/#part", start: "wss://acs.example/ws?" },
    { endpoint: "https://acs.example/?a=b", start: "wss://acs.example/ws?" },
    { endpoint: "https://acs.example/a b", start: "wss://acs.example/a%20b/ws?" },
  ]
) {
  test(`The endpoint ${JSON.stringify(endpoint)} becomes ${start}…`, () => {
    const url = acsUrl(endpoint, PARAMETERS);
    assert.equal(url.slice(0, start.length), start);
    assert.equal(new URL(url).searchParams.get("agentHash"), "deadbeef");
    assert.equal(new URL(url).href, url);
  });
}

for (
  const { endpoint, what } of [
    { endpoint: "ftp://acs.example/", what: "with the scheme ftp:" },
    { endpoint: "wss://acs.example/", what: "with the scheme wss:" },
    { endpoint: "ws://acs.example/", what: "with the scheme ws:" },
    { endpoint: "file:///etc/passwd", what: "with the scheme file:" },
    { endpoint: "javascript:alert(1)", what: "with the scheme javascript:" },
    { endpoint: "acs.example", what: "that is not a URL" },
    { endpoint: "", what: "that is not a URL" },
    { endpoint: "/ws", what: "that is not a URL" },
    { endpoint: "https://", what: "that is not a URL" },
    { endpoint: "{}", what: "that is not a URL" },
  ]
) {
  test(`The endpoint ${JSON.stringify(endpoint)} is refused: one ${what}`, () => {
    assert.throws(() => acsUrl(endpoint, PARAMETERS), (error) => {
      assert.ok(error instanceof InvalidEndpointError);
      assert.equal(error.name, "InvalidEndpointError");
      assert.equal(
        error.message,
        `DiscoverPollEndpoint returned an endpoint ${what}; expected http: or https:`,
      );
      return true;
    });
  });
}

test("The query is escaped as the reference agent escapes it", () => {
  const agentHash = "a-b_c.d~e f*g+h/i:j&k=l%m'n(o)é";
  const url = acsUrl("https://acs.example/", { ...PARAMETERS, agentHash });
  assert.equal(
    /agentHash=([^&]*)/.exec(url)?.[1],
    "a-b_c.d~e+f%2Ag%2Bh%2Fi%3Aj%26k%3Dl%25m%27n%28o%29%C3%A9",
  );
});

test("Whatever the names contain, the service reads back exactly what was given", () => {
  const text = fc.string({ unit: "binary", minLength: 1 });
  fc.assert(
    fc.property(
      fc.record({
        agentHash: text,
        agentVersion: text,
        cluster: text,
        containerInstanceArn: text,
        dockerVersion: text.filter((version) => version !== "containerd"),
        sendCredentials: fc.boolean(),
      }),
      (parameters) => {
        const url = acsUrl("https://acs.example/", parameters);
        assert.match(url, /^wss:\/\/acs\.example\/ws\?[\w~.%&=+-]+$/);
        assert.deepEqual(Object.fromEntries(new URL(url).searchParams), {
          agentHash: parameters.agentHash,
          agentVersion: parameters.agentVersion,
          clusterArn: parameters.cluster,
          containerInstanceArn: parameters.containerInstanceArn,
          dockerVersion: `DockerVersion: ${parameters.dockerVersion}`,
          protocolVersion: "2",
          sendCredentials: String(parameters.sendCredentials),
          seqNum: "1",
        });
      },
    ),
    { numRuns: 50 },
  );
});
