/**
 * A file under a password, little-endian:
 *
 *     "evocrypt" [8] | length of the header [4] | header, JSON | ciphertext and tag | SHA-256 of all before [32]
 *
 * The key is PBKDF2-HMAC-SHA-256 of the password (NFC, UTF-8), the cipher AES-256-GCM; all that stands before the
 * ciphertext is authenticated with it. The SHA-256 tells damage, which has no key, from a wrong one.
 */

import {
  CorruptDataError,
  DecryptionError,
  InvalidArgumentError,
  NewerFormatError,
  PasswordRequiredError,
} from './errors'
import { joinBytes, sha256 } from './exportFile'

const FORMAT = 1
const MAGIC = new TextEncoder().encode('evocrypt')
const HASH_BYTES = 32
const KDF = 'PBKDF2-HMAC-SHA-256'
const CIPHER = 'AES-256-GCM'

/** OWASP Password Storage Cheat Sheet, 2023: 600,000 for this function. */
const ITERATIONS = 600_000
/** What a file may ask for: about half a minute's work. */
const MAX_ITERATIONS = 50_000_000

interface Header {
  format: number
  kdf: string
  iterations: number
  /** 16 bytes. */
  salt: number[]
  cipher: string
  /** 12 bytes. */
  iv: number[]
}

/** Throws InvalidArgumentError for a password that is empty. */
export async function encrypt(file: Blob, password: string): Promise<Blob> {
  if (typeof password !== 'string' || !password) refusePassword('a text that is not empty')
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const header: Header = {
    format: FORMAT,
    kdf: KDF,
    iterations: ITERATIONS,
    salt: [...salt],
    cipher: CIPHER,
    iv: [...iv],
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, json.length, true)
  const additionalData = joinBytes([MAGIC, length, json])
  const key = await keyOf(password, salt, ITERATIONS)
  const plain = await file.arrayBuffer()
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plain)
  const content = joinBytes([additionalData, new Uint8Array(sealed)])
  return new Blob([content, await sha256(content)], { type: 'application/octet-stream' })
}

/**
 * What was encrypted; a file that is not, as it is.
 * Throws PasswordRequiredError, DecryptionError, CorruptDataError, NewerFormatError, and InvalidArgumentError for a
 * password where the file is not encrypted.
 */
export async function decrypt(file: Blob, password: string | undefined): Promise<Blob> {
  const start = new Uint8Array(await file.slice(0, MAGIC.length).arrayBuffer())
  if (start.length < MAGIC.length || MAGIC.some((byte, i) => byte !== start[i])) {
    if (password !== undefined) refusePassword('none, as the file is not encrypted')
    return file
  }
  const bytes = new Uint8Array(await file.arrayBuffer())
  const content = bytes.subarray(0, Math.max(0, bytes.length - HASH_BYTES))
  const hash = await sha256(content)
  if (content.length < MAGIC.length + 4 || hash.some((byte, i) => byte !== bytes[content.length + i]))
    refuse('its SHA-256 is not the one it carries')
  const bodyStart = MAGIC.length + 4 + new DataView(bytes.buffer).getUint32(MAGIC.length, true)
  const { iterations, salt, iv } = readHeader(content.subarray(MAGIC.length + 4, bodyStart))
  if (password === undefined) throw new PasswordRequiredError()
  if (typeof password !== 'string' || !password) refusePassword('a text that is not empty')
  const key = await keyOf(password, salt, iterations)
  const additionalData = content.subarray(0, bodyStart)
  const plain = await crypto.subtle
    .decrypt({ name: 'AES-GCM', iv, additionalData }, key, content.subarray(bodyStart))
    .catch(() => {
      throw new DecryptionError()
    })
  return new Blob([plain])
}

async function keyOf(
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<CryptoKey> {
  const secret = new TextEncoder().encode(password.normalize('NFC'))
  const material = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveKey'])
  const pbkdf2 = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }
  return crypto.subtle.deriveKey(pbkdf2, material, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
}

function readHeader(json: Uint8Array): {
  iterations: number
  salt: Uint8Array<ArrayBuffer>
  iv: Uint8Array<ArrayBuffer>
} {
  let header: Partial<Header> | null
  try {
    header = JSON.parse(new TextDecoder().decode(json))
  } catch {
    return refuse('its header is not JSON')
  }
  const { format, kdf, iterations, salt, cipher, iv } = header ?? {}
  if (typeof format === 'number' && format > FORMAT)
    throw new NewerFormatError('the encrypted file', format, FORMAT)
  if (kdf !== KDF || cipher !== CIPHER) refuse(`it is encrypted by ${JSON.stringify([kdf, cipher])}`)
  if (!Number.isInteger(iterations) || iterations! < 1 || iterations! > MAX_ITERATIONS)
    refuse(`it asks for ${JSON.stringify(iterations)} iterations`)
  return { iterations: iterations!, salt: bytesOf('salt', salt, 16), iv: bytesOf('iv', iv, 12) }
}

function bytesOf(name: string, values: unknown, count: number): Uint8Array<ArrayBuffer> {
  const isByte = (value: unknown) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < 256
  if (!Array.isArray(values) || values.length !== count || !values.every(isByte))
    refuse(`its ${name} is not ${count} bytes`)
  return Uint8Array.from(values as number[])
}

function refuse(reason: string): never {
  throw new CorruptDataError('the encrypted file', reason)
}

/** The password itself is in no message. */
function refusePassword(allowed: string): never {
  throw new InvalidArgumentError('password', '…', allowed)
}
