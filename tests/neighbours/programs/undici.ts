/**
 * npm's undici in the process of a session: `undici.js <package> before|after`.
 *
 * @module
 */

import process from "node:process";
import { playSession } from "./play_session.ts";

const [name = "undici", when] = process.argv.slice(2);
const load = () => import(name);
await playSession(when === "before" ? { beforeStart: load } : { whileConnected: load });
