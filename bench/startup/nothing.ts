/**
 * Does nothing: what a process costs that imports nothing.
 *
 * @module
 */

export {};
