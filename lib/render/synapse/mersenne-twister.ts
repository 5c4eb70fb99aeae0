const size = 624;
const period = 397;

/** The random numbers of Ruby's `Random.new(seed)`: a Mersenne Twister of 32 bits (MT19937). */
export class MersenneTwister {
  readonly #state: Uint32Array;
  #next = size;

  constructor(seed: bigint) {
    const key = wordsOf(seed < 0n ? -seed : seed);
    // Ruby seeds with a single word as the reference implementation does with a number, and else with an array.
    this.#state = key.length === 1 ? initial(key[0] ?? 0) : mixed(key);
  }

  /** An integer from 0 to 2^32 - 1. */
  next(): number {
    if (this.#next === size) this.#twist();
    let y = this.#at(this.#next);
    this.#next += 1;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** An integer from 0 to `limit`: numbers with too many bits are cut, and the ones that are still larger skipped. */
  upTo(limit: number): number {
    if (limit === 0) return 0;
    const mask = 2 ** (32 - Math.clz32(limit)) - 1;
    for (;;) {
      const value = (this.next() & mask) >>> 0;
      if (value <= limit) return value;
    }
  }

  #twist(): void {
    for (let i = 0; i < size; i += 1) {
      const y = (this.#at(i) & 0x80000000) | (this.#at((i + 1) % size) & 0x7fffffff);
      const odd = y & 1 ? 0x9908b0df : 0;
      this.#state[i] = this.#at((i + period) % size) ^ (y >>> 1) ^ odd;
    }
    this.#next = 0;
  }

  #at(i: number): number {
    return this.#state[i] ?? 0;
  }
}

/** The words of 32 bits of a number, the lowest first; at least one. Ruby drops the highest word if it is 1 and not the only one. */
function wordsOf(number: bigint): readonly number[] {
  const words = [Number(number & 0xffffffffn)];
  for (let rest = number >> 32n; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words.length > 1 && words.at(-1) === 1 ? words.slice(0, -1) : words;
}

function initial(seed: number): Uint32Array {
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i += 1) {
    state[i] = Math.imul(1812433253, folded(state, i - 1)) + i;
  }
  return state;
}

function mixed(key: readonly number[]): Uint32Array {
  const state = initial(19650218);
  let i = 1;
  const advance = () => {
    i += 1;
    if (i < size) return;
    state[0] = state[size - 1] ?? 0;
    i = 1;
  };
  for (let k = 0; k < Math.max(size, key.length); k += 1) {
    const j = k % key.length;
    state[i] = ((state[i] ?? 0) ^ Math.imul(folded(state, i - 1), 1664525)) + (key[j] ?? 0) + j;
    advance();
  }
  for (let k = 1; k < size; k += 1) {
    state[i] = ((state[i] ?? 0) ^ Math.imul(folded(state, i - 1), 1566083941)) - i;
    advance();
  }
  state[0] = 0x80000000;
  return state;
}

function folded(state: Uint32Array, i: number): number {
  const value = state[i] ?? 0;
  return value ^ (value >>> 30);
}
