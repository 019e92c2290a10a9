/** A time that is over: `0.42 s`, `3.4 s`, `34 s`, `2 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 0.995) return `${seconds.toFixed(2)} s`;
  return elapsed(seconds);
}

/** A time that is running: like `duration`, but it does not change its form in the first second. */
export function elapsed(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Digits in groups of three from five digits on: `4097`, `12 345`. */
export function integer(value: number): string {
  const digits = String(Math.round(value));
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** Tokens in a second: `0`, `8.4`, `84`. */
export function rate(perSecond: number): string {
  return perSecond >= 0.05 && perSecond < 9.95 ? perSecond.toFixed(1) : integer(perSecond);
}

/** `1 token`, `311 tokens`. */
export function tokens(count: number): string {
  return `${integer(count)} ${count === 1 ? "token" : "tokens"}`;
}

/** `812 bytes`, `34 kB`, `1.2 MB`. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} bytes`;
  if (count < 999_500) return `${Math.round(count / 1_000)} kB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}
