/** Numbers, dates and errors as people read them. Wall-clock times are kept and shown as UTC, as the model reads them. */

const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
})
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })

/** This place's wall clock. */
export const wallClockNow = () => Date.now() - new Date().getTimezoneOffset() * 60_000

export const onDay = (time: number) => day.format(time)
/** Empty at midnight sharp: then only the day was known. */
export const atClock = (time: number) => (time % 86_400_000 ? clock.format(time) : '')

export function inBytes(bytes: number) {
  const power = bytes < 1e3 ? 0 : bytes < 1e6 ? 1 : bytes < 1e9 ? 2 : 3
  return `${(bytes / 1000 ** power).toFixed(power < 2 ? 0 : 1)} ${['B', 'kB', 'MB', 'GB'][power]}`
}

export const counted = (count: number, noun: string) =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`

const TITLES: Record<string, string> = {
  ConversationExistsError: 'That name is taken',
  ConversationNotFoundError: 'It is not there any more',
  ConversationChangedError: 'Changed in another tab',
  CorruptDataError: 'The data is damaged',
  DecryptionError: 'Wrong password, or a changed file',
  DeviceLostError: 'The device went away',
  IdConflictError: 'That turn is already there, with another text',
  InvalidArgumentError: 'That is not allowed',
  InsecureContextError: 'This page needs https',
  ModelCorruptError: 'The model is damaged',
  ModelFetchError: 'The model could not be fetched',
  NewerFormatError: 'Written by a newer version',
  NoDeviceError: 'No device can run the model',
  ParseError: 'This text cannot be read',
  PasswordRequiredError: 'This file is encrypted',
  SegmentTooLongError: 'That turn is too long',
  SpaceMismatchError: 'Read by another model',
  StorageFullError: 'The storage is full',
  StorageUnavailableError: 'The browser gives no storage',
  WorkerLostError: 'The engine stopped',
}

/** What went wrong, for the title of a message: an error's name is its contract. */
export const titleOf = (error: unknown) =>
  error instanceof Error ? (TITLES[error.name] ?? error.name) : 'Something went wrong'

export const isAbort = (error: unknown) => error instanceof Error && error.name === 'AbortError'
