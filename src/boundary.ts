/** How errors cross the worker boundary: imported on both sides, so that both encode and decode alike. */

import { transferHandlers, type TransferHandler } from 'comlink'
import { decodeError, encodeError, type ErrorMessage } from './errors'

type Thrown = { value: unknown }

// Comlink's own handler carries name, message and stack; ours takes its place, and its mark of what was thrown.
const comlinkHandler = transferHandlers.get('throw')!

const handler: TransferHandler<Thrown, ErrorMessage> = {
  canHandle: (value): value is Thrown => comlinkHandler.canHandle(value),
  serialize: ({ value }) => [encodeError(value), []],
  deserialize: (message) => {
    throw decodeError(message)
  },
}
transferHandlers.set('throw', handler)
