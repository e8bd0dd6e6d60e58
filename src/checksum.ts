/** MurmurHash3 (x86, 32 bits; Austin Appleby, public domain): finds damage, stops no forger. */

/** Any change within one word of four bytes changes it; any other passes once in 2^32. */
export function checksum(bytes: Uint8Array, seed = 0): number {
  const aligned = bytes.byteOffset % 4 ? bytes.slice() : bytes
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2)
  let hash = seed
  for (let i = 0; i < words.length; i++) {
    hash ^= scramble(words[i])
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let i = aligned.length - 1; i >= words.length * 4; i--) rest = (rest << 8) | aligned[i]
  hash ^= scramble(rest) ^ aligned.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function scramble(word: number): number {
  word = Math.imul(word, 0xcc9e2d51)
  return Math.imul((word << 15) | (word >>> 17), 0x1b873593)
}
