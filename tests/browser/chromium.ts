/**
 * Finds and starts an installed Chromium.
 *
 * @module
 */

import { access, constants } from "node:fs/promises";
import process from "node:process";
import { type Browser, chromium } from "playwright-core";

/** Where operating systems install Chromium and Chrome. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The path of the browser; `undefined` if none is installed. */
export async function findChromium(): Promise<string | undefined> {
  const named = process.env["CHROMIUM"];
  for (const path of named === undefined ? PLACES : [named]) {
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not installed here: try the next path.
    }
  }
  return undefined;
}

/**
 * Starts a headless browser.
 *
 * @throws {Error} If no browser is installed, or it does not start.
 */
export async function startChromium(): Promise<Browser> {
  const executablePath = await findChromium();
  if (executablePath === undefined) throw new Error("No Chromium is installed");
  // Chromium's sandbox does not work as root, which most containers run as.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return await chromium.launch({ executablePath, args });
}
