/** Timing by rounds: every round runs each variant once, in turn, so that what slows the machine slows them alike. */

export type Work = () => unknown

/** Milliseconds of each variant in each round. */
export type Timings<Name extends string> = Record<Name, number[]>

/** Median, and the range of the middle half. */
export interface Spread {
  median: number
  low: number
  high: number
}

/** Runs all variants `rounds` times; each round begins with another one, and is told of on the console. */
export async function interleaved<Name extends string>(
  rounds: number,
  variants: Record<Name, Work>,
): Promise<Timings<Name>> {
  const names = Object.keys(variants) as Name[]
  const timings = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Timings<Name>
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + i) % names.length]
      timings[name].push(await milliseconds(variants[name]))
    }
    const last = names.map((name) => `${name} ${Math.round(timings[name][round])} ms`)
    console.info(`round ${round + 1} of ${rounds}: ${last.join(', ')}`)
  }
  return timings
}

export async function milliseconds(work: Work): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

export function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => {
    const place = share * (sorted.length - 1)
    const below = Math.floor(place)
    return sorted[below] + (place - below) * (sorted[Math.ceil(place)] - sorted[below])
  }
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

/** How many times `over` is `under`, round by round. */
export function ratio(over: number[], under: number[]): Spread {
  return spread(over.map((value, round) => value / under[round]))
}
