/** Resolves once the promise has settled, and holds on to nothing of what it came to. */
export function settled(promise: Promise<unknown>): Promise<void> {
  return promise.then(nothing, nothing)
}

function nothing(): void {}
