/**
 * npm's undici in the process of a session: `undici.js <package> before|after|agent|install`.
 *
 * @module
 */

import process from "node:process";
import { playSession } from "./play_session.ts";

const [name = "undici", how] = process.argv.slice(2);
const load = () => import(name);
if (how === "before") await load();
if (how === "agent") {
  const { Agent, setGlobalDispatcher } = await load();
  setGlobalDispatcher(new Agent());
}
if (how === "install") (await load()).install();
await playSession(how === "after" ? { whileConnected: load } : {});
