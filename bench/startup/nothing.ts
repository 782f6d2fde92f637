/**
 * Does nothing, to measure a process that imports nothing.
 *
 * @module
 */

export {};
