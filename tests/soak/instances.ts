/**
 * The container instances of a soak.
 *
 * @module
 */

/** The ARN of one of them. */
export function instanceArn(index: number): string {
  const id = index.toString(16).padStart(32, "0");
  return `arn:aws:ecs:us-west-2:111122223333:container-instance/default/${id}`;
}
