import { beforeAll, describe, expect, test } from 'vitest'
import { decrypt, encrypt } from '../../src/encryptedFile'
import {
  CorruptDataError,
  DecryptionError,
  InvalidArgumentError,
  NewerFormatError,
  PasswordRequiredError,
} from '../../src/errors'

const secret = 'Ana moved to Lisbon last spring.'
const password = 'correct horse – ü'
let file: Uint8Array<ArrayBuffer>
beforeAll(async () => {
  file = await bytesOf(await encrypt(new Blob([secret]), password))
})

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer())
}

function headerEnd(bytes: Uint8Array<ArrayBuffer>): number {
  return 12 + new DataView(bytes.buffer).getUint32(8, true)
}

function headerOf(bytes: Uint8Array<ArrayBuffer>): Record<string, any> {
  return JSON.parse(new TextDecoder().decode(bytes.subarray(12, headerEnd(bytes))))
}

/** The file with a change, and its checksum made right again, as one who means harm would write it. */
async function forge(
  change: (parts: { header: Record<string, any>; body: Uint8Array }) => void,
): Promise<Blob> {
  const parts = { header: headerOf(file), body: file.slice(headerEnd(file), -32) }
  change(parts)
  const json = new TextEncoder().encode(JSON.stringify(parts.header))
  const length = new Uint8Array(Uint32Array.of(json.length).buffer)
  const content = new Blob([file.subarray(0, 8), length, json, parts.body as Uint8Array<ArrayBuffer>])
  return new Blob([content, await crypto.subtle.digest('SHA-256', await content.arrayBuffer())])
}

test('what was encrypted comes back with its password, however that was typed', async () => {
  expect(await (await decrypt(new Blob([file]), password)).text()).toBe(secret)
  expect(await (await decrypt(new Blob([file]), password.normalize('NFD'))).text()).toBe(secret)
})

test('nothing of it can be read, and no two files are alike', async () => {
  const text = new TextDecoder('latin1').decode(file)
  for (const word of ['Ana', 'Lisbon', 'horse']) expect(text).not.toContain(word)
  const header = headerOf(file)
  expect(header).toMatchObject({ kdf: 'PBKDF2-HMAC-SHA-256', cipher: 'AES-256-GCM' })
  expect(header.iterations).toBeGreaterThanOrEqual(600_000)
  const again = headerOf(await bytesOf(await encrypt(new Blob([secret]), password)))
  expect(again.salt).not.toEqual(header.salt)
  expect(again.iv).not.toEqual(header.iv)
})

test('another implementation of the same functions reads it', async () => {
  const { createDecipheriv, pbkdf2Sync } = await import('node:crypto')
  const { iterations, salt, iv } = headerOf(file)
  const key = pbkdf2Sync(password.normalize('NFC'), Buffer.from(salt), iterations, 32, 'sha256')
  const end = headerEnd(file)
  const cipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv))
  cipher.setAAD(file.subarray(0, end))
  cipher.setAuthTag(file.subarray(-48, -32))
  expect(cipher.update(file.subarray(end, -48), undefined, 'utf8') + cipher.final('utf8')).toBe(secret)
})

test('a wrong password, and none, are named; the password is in no message', async () => {
  await expect(decrypt(new Blob([file]), 'guess')).rejects.toThrow(DecryptionError)
  await expect(decrypt(new Blob([file]), undefined)).rejects.toThrow(PasswordRequiredError)
  await expect(decrypt(new Blob([file]), '')).rejects.toThrow(InvalidArgumentError)
  await expect(encrypt(new Blob([secret]), '')).rejects.toThrow(InvalidArgumentError)
  const error = await decrypt(new Blob([secret]), password).catch((error) => error)
  expect(error).toBeInstanceOf(InvalidArgumentError)
  expect(JSON.stringify({ ...error }) + error.message).not.toContain('horse')
})

test('a file that is not encrypted is given as it is', async () => {
  for (const plain of [new Blob([secret]), new Blob([])]) expect(await decrypt(plain, undefined)).toBe(plain)
})

describe('a changed file', () => {
  test('by accident is corrupt, wherever the change is', async () => {
    for (let at = 8; at < file.length; at += 7) {
      const damaged = file.slice()
      damaged[at] ^= 4
      await expect(decrypt(new Blob([damaged]), password)).rejects.toThrow(CorruptDataError)
      await expect(decrypt(new Blob([file.subarray(0, at)]), password)).rejects.toThrow(CorruptDataError)
    }
  })

  test.each<[string, Parameters<typeof forge>[0], Function]>([
    ['ciphertext', ({ body }) => (body[3] ^= 1), DecryptionError],
    ['tag', ({ body }) => (body[body.length - 1] ^= 1), DecryptionError],
    ['salt', ({ header }) => (header.salt[0] ^= 1), DecryptionError],
    ['iv', ({ header }) => (header.iv[0] ^= 1), DecryptionError],
    ['iterations, down', ({ header }) => (header.iterations = 1), DecryptionError],
    ['a field more', ({ header }) => (header.note = 'trust me'), DecryptionError],
    ['iterations without end', ({ header }) => (header.iterations = 2 ** 40), CorruptDataError],
    ['no iterations', ({ header }) => (header.iterations = 0), CorruptDataError],
    ['a short salt', ({ header }) => header.salt.pop(), CorruptDataError],
    ['a salt that is none', ({ header }) => (header.salt = 'salt'), CorruptDataError],
    ['another cipher', ({ header }) => (header.cipher = 'none'), CorruptDataError],
    ['a newer format', ({ header }) => (header.format = 2), NewerFormatError],
  ])('on purpose is refused: %s', async (_, change, error) => {
    await expect(decrypt(await forge(change), password)).rejects.toThrow(error as never)
  })
})
