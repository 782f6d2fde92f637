/**
 * The names of the failures.
 *
 * @module
 */

/**
 * The stable name of a failure, such as `"ACS-N02"`. The letter says what failed: `C` credentials,
 * `N` network, `P` proxy, `T` TLS, `A` the answer from ECS or ACS, `K` clock, `S` session. A code
 * keeps its meaning; new ones may be added.
 */
export type FailureCode =
  | "ACS-C01"
  | "ACS-C02"
  | "ACS-C03"
  | "ACS-C04"
  | "ACS-C05"
  | "ACS-C06"
  | "ACS-C07"
  | "ACS-C08"
  | "ACS-N01"
  | "ACS-N02"
  | "ACS-N03"
  | "ACS-N04"
  | "ACS-N05"
  | "ACS-N06"
  | "ACS-N07"
  | "ACS-P01"
  | "ACS-P02"
  | "ACS-P03"
  | "ACS-P04"
  | "ACS-P05"
  | "ACS-T01"
  | "ACS-T02"
  | "ACS-T03"
  | "ACS-T04"
  | "ACS-T05"
  | "ACS-A01"
  | "ACS-A02"
  | "ACS-A03"
  | "ACS-A04"
  | "ACS-A05"
  | "ACS-A06"
  | "ACS-A07"
  | "ACS-A08"
  | "ACS-A09"
  | "ACS-A10"
  | "ACS-A11"
  | "ACS-A12"
  | "ACS-K01"
  | "ACS-S01"
  | "ACS-S02"
  | "ACS-S03"
  | "ACS-S04"
  | "ACS-S05"
  | "ACS-S06";
