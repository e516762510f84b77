// When to try again: full jitter, so that fifty thousand players do not come back in the same second.

/** Milliseconds before attempt number `attempt` (0 is the first retry). Never longer than `limit`. */
export function retryDelay(attempt: number, random: () => number = Math.random, limit = 8000): number {
  const ceiling = Math.min(limit, 1000 * 2 ** Math.min(attempt, 10));
  return 250 + random() * (ceiling - 250);
}
