/** One class per failure a caller can act on. Match them by `name` or `instanceof`: both survive the worker boundary. */

import { show } from './show'

/** What all errors of EvoEmbed share: a name that survives minification, and fields that say what to do about it. */
export abstract class EvoEmbedError extends Error {
  abstract override readonly name: string
}

/** A value that is not allowed. */
export class InvalidArgumentError extends EvoEmbedError {
  override readonly name = 'InvalidArgumentError'
  constructor(
    readonly argument: string,
    readonly value: unknown,
    readonly allowed: string,
  ) {
    super(`${argument} is ${show(value)}; allowed: ${allowed}`)
  }
}

/** The id is already used in the conversation, with another text. `replace` changes a text. */
export class IdConflictError extends EvoEmbedError {
  override readonly name = 'IdConflictError'
  constructor(
    readonly conversation: string,
    readonly id: string,
  ) {
    super(`conversation ${show(conversation)} already has id ${show(id)} with another text; use replace()`)
  }
}

export class SegmentNotFoundError extends EvoEmbedError {
  override readonly name = 'SegmentNotFoundError'
  constructor(
    readonly conversation: string,
    readonly id: string,
  ) {
    super(`conversation ${show(conversation)} has no segment ${show(id)}`)
  }
}

/** A text has more tokens than the encoder reads. */
export class SegmentTooLongError extends EvoEmbedError {
  override readonly name = 'SegmentTooLongError'
  constructor(
    readonly id: string,
    readonly tokens: number,
    readonly maxTokens: number,
  ) {
    super(`${show(id)} has ${tokens} tokens, the encoder reads at most ${maxTokens}`)
  }
}

export class ConversationNotFoundError extends EvoEmbedError {
  override readonly name = 'ConversationNotFoundError'
  constructor(readonly conversation: string) {
    super(`there is no conversation ${show(conversation)}`)
  }
}

export class ConversationExistsError extends EvoEmbedError {
  override readonly name = 'ConversationExistsError'
  constructor(readonly conversation: string) {
    super(`there is already a conversation ${show(conversation)}`)
  }
}

/** Another writer changed the conversation meanwhile; nothing was written. Call again. */
export class ConversationChangedError extends EvoEmbedError {
  override readonly name = 'ConversationChangedError'
  constructor(readonly conversation: string) {
    super(`conversation ${show(conversation)} was changed by another writer; nothing was written, call again`)
  }
}

/** Vectors of another model. `onModelChange: 'reread'` rebuilds them from the text. */
export class SpaceMismatchError extends EvoEmbedError {
  override readonly name = 'SpaceMismatchError'
  constructor(
    readonly conversation: string,
    readonly space: string,
    readonly modelSpace: string,
  ) {
    super(
      `conversation ${show(conversation)} was read in space ${space.slice(0, 12)}, the model's is ` +
        `${modelSpace.slice(0, 12)}; open it with onModelChange 'reread', or with the model it was read by`,
    )
  }
}

/** Written by a newer version of EvoEmbed; left untouched. */
export class NewerFormatError extends EvoEmbedError {
  override readonly name = 'NewerFormatError'
  constructor(
    readonly what: string,
    readonly format: number,
    readonly supported: number,
  ) {
    super(`${what} has format ${format}, this version reads up to ${supported}; update EvoEmbed`)
  }
}

/** Stored or given data that is not as it was written. `Engine.repair` saves what is left of a conversation. */
export class CorruptDataError extends EvoEmbedError {
  override readonly name = 'CorruptDataError'
  constructor(
    readonly what: string,
    readonly reason: string,
    /** Of a conversation: it can be read up to this step. */
    readonly step?: number,
  ) {
    super(`${what} is corrupt: ${reason}`)
  }
}

/** The exported file is encrypted: `import` needs its password. */
export class PasswordRequiredError extends EvoEmbedError {
  override readonly name = 'PasswordRequiredError'
  constructor() {
    super('the exported file is encrypted: give its password')
  }
}

/** The password is wrong, or someone changed the encrypted file on purpose: AES-GCM cannot tell which. */
export class DecryptionError extends EvoEmbedError {
  override readonly name = 'DecryptionError'
  constructor() {
    super('the exported file cannot be decrypted: the password is wrong, or the file was tampered with')
  }
}

/** The page is not a secure context, so the browser withholds what is needed. Serve it by https, or from localhost. */
export class InsecureContextError extends EvoEmbedError {
  override readonly name = 'InsecureContextError'
  constructor(readonly missing: string[]) {
    super(`not a secure context (https or localhost): ${missing.join(', ')} missing`)
  }
}

/** IndexedDB is missing, blocked, or out of order. */
export class StorageUnavailableError extends EvoEmbedError {
  override readonly name = 'StorageUnavailableError'
  constructor(readonly reason: string) {
    super(`IndexedDB cannot be used: ${reason}`)
  }
}

/** The browser gives this origin no more room; nothing was written. */
export class StorageFullError extends EvoEmbedError {
  override readonly name = 'StorageFullError'
  constructor(readonly reason: string) {
    super(`the browser gives this origin no more storage (${reason}); nothing was written`)
  }
}

/** A file of the model could not be fetched. */
export class ModelFetchError extends EvoEmbedError {
  override readonly name = 'ModelFetchError'
  constructor(
    readonly url: string,
    readonly reason: string,
  ) {
    super(`${url} could not be fetched: ${reason}`)
  }
}

/** A file of the model is not what evo.json says it is. */
export class ModelCorruptError extends EvoEmbedError {
  override readonly name = 'ModelCorruptError'
  constructor(
    readonly file: string,
    readonly reason: string,
  ) {
    super(`model file ${file} is corrupt: ${reason}`)
  }
}

/** No device could run the model; each was tried. */
export class NoDeviceError extends EvoEmbedError {
  override readonly name = 'NoDeviceError'
  constructor(readonly tried: { device: string; reason: string }[]) {
    super(`no device can run the model: ${tried.map((t) => `${t.device}: ${t.reason}`).join('; ')}`)
  }
}

/** The device went away, and again after a restart. */
export class DeviceLostError extends EvoEmbedError {
  override readonly name = 'DeviceLostError'
  constructor(
    readonly device: string,
    readonly reason: string,
  ) {
    super(`device ${device} was lost: ${reason}`)
  }
}

/** The engine's worker died; the next call starts another. What was committed is safe. */
export class WorkerLostError extends EvoEmbedError {
  override readonly name = 'WorkerLostError'
  constructor(readonly reason: string) {
    super(`the engine's worker was lost: ${reason}`)
  }
}

export class EngineClosedError extends EvoEmbedError {
  override readonly name = 'EngineClosedError'
  constructor() {
    super('the engine is closed')
  }
}

const classes = {
  InvalidArgumentError,
  IdConflictError,
  SegmentNotFoundError,
  SegmentTooLongError,
  ConversationNotFoundError,
  ConversationExistsError,
  ConversationChangedError,
  SpaceMismatchError,
  NewerFormatError,
  CorruptDataError,
  PasswordRequiredError,
  DecryptionError,
  InsecureContextError,
  StorageUnavailableError,
  StorageFullError,
  ModelFetchError,
  ModelCorruptError,
  NoDeviceError,
  DeviceLostError,
  WorkerLostError,
  EngineClosedError,
}

/** An error as it crosses the worker boundary. */
export interface ErrorMessage {
  name: string
  message: string
  stack?: string
  fields: Record<string, unknown>
}

export function encodeError(thrown: unknown): ErrorMessage {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown), fields: {} }
  const { name, message, stack } = thrown
  const fields =
    thrown instanceof EvoEmbedError
      ? Object.fromEntries(Object.entries(thrown).filter(([key]) => key !== 'name'))
      : {}
  return { name, message, stack, fields }
}

export function decodeError({ name, message, stack, fields }: ErrorMessage): Error {
  if (name === 'AbortError') return new DOMException(message, name)
  const error = new Error(message)
  if (name in classes) Object.setPrototypeOf(error, classes[name as keyof typeof classes].prototype)
  // As the constructor would: `name` is an own property of each class's instances.
  return Object.assign(error, { name, stack }, fields)
}
