/** Whether browsers read `text` as base64; else an address that ends in it is none: https://infra.spec.whatwg.org/#forgiving-base64-decode */
export function isBase64(text: string): boolean {
  const bare = text.length % 4 === 0 ? text.replace(/={1,2}$/, "") : text;
  return bare.length % 4 !== 1 && /^[A-Za-z0-9+/]+$/.test(bare);
}
