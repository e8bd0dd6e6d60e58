import { expect, test } from 'vitest'
import * as errors from '../../src/errors'

const samples: Error[] = [
  new errors.InvalidArgumentError('topK', -1, 'an integer above 0'),
  new errors.IdConflictError('chat', 'm1'),
  new errors.SegmentNotFoundError('chat', 'm1'),
  new errors.SegmentTooLongError('m1', 300, 256),
  new errors.ConversationNotFoundError('chat'),
  new errors.ConversationExistsError('chat'),
  new errors.ConversationChangedError('chat'),
  new errors.SpaceMismatchError('chat', 'a'.repeat(64), 'b'.repeat(64)),
  new errors.NewerFormatError('conversation chat', 2, 1),
  new errors.CorruptDataError('conversation chat', 'a chunk is gone', 64),
  new errors.PasswordRequiredError(),
  new errors.DecryptionError(),
  new errors.InsecureContextError(['Web Locks']),
  new errors.StorageUnavailableError('blocked'),
  new errors.StorageFullError('quota'),
  new errors.ModelFetchError('https://x.test/evo.json', 'HTTP 404'),
  new errors.ModelCorruptError('evo.json', 'it is not JSON'),
  new errors.NoDeviceError([{ device: 'wasm', reason: 'no memory' }]),
  new errors.DeviceLostError('webgpu', 'unplugged'),
  new errors.WorkerLostError('it ended'),
  new errors.EngineClosedError(),
]

test('the samples are all classes there are', () => {
  const named = Object.values(errors).filter((value) => value.prototype instanceof errors.EvoEmbedError)
  expect(samples.map((error) => error.constructor)).toEqual(named)
})

test.each(samples)('$name crosses the worker boundary with its class and fields', (error) => {
  const arrived = errors.decodeError(structuredClone(errors.encodeError(error)))
  expect(arrived).toBeInstanceOf(error.constructor)
  expect(arrived.message).toBe(error.message)
  expect(arrived.stack).toBe(error.stack)
  expect({ ...arrived }).toEqual({ ...error })
})

test('an abort stays an AbortError, a stranger an Error with its name', () => {
  const aborted = errors.decodeError(errors.encodeError(new DOMException('stop', 'AbortError')))
  expect(aborted).toBeInstanceOf(DOMException)
  expect(aborted).toMatchObject({ name: 'AbortError', message: 'stop' })
  const stranger = errors.decodeError(structuredClone(errors.encodeError(new RangeError('too far'))))
  expect(stranger).toMatchObject({ name: 'RangeError', message: 'too far' })
})
