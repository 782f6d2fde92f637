/**
 * OpenTelemetry's SDK, by versions of its packages.
 *
 * @module
 */

import { type Check, problemOf } from "./checks.ts";
import { program, writePrograms } from "./program_runtime.ts";
import type { Setting } from "./setting.ts";
import { NEIGHBOURS } from "./versions.ts";

/** When the SDK is registered, and the text for the title. */
const WHEN_REGISTERED = [
  ["before", "before the session is created"],
  ["after", "after the session is created and before it is started"],
  ["late", "while the session is connected"],
] as const;

/** A separate folder for each SDK: the installed version of the API matters. */
export async function opentelemetry(setting: Setting): Promise<Check[]> {
  const families = NEIGHBOURS["@opentelemetry/sdk-node"].map((version) => sdk(version, setting));
  return (await Promise.all(families)).flat();
}

async function sdk(version: string, setting: Setting): Promise<Check[]> {
  const { installer, tarball, runtimes } = setting;
  const folder = await setting.folder();
  // In this order, the API's latest version is present when the SDK is installed, which may need an
  // older one.
  await installer.add(folder, [tarball]);
  await installer.add(folder, [`@opentelemetry/sdk-node@${version}`]);
  await writePrograms(folder);
  return runtimes.flatMap((runtime) =>
    WHEN_REGISTERED.map(([when, words]) => ({
      title: `${runtime.name}: metrics and spans reach OpenTelemetry's sdk-node ${version} ` +
        `registered ${words}`,
      run: async () =>
        problemOf(await runtime.run([program("opentelemetry"), when], { cwd: folder })),
    }))
  );
}
