/** The browser's side of the damage tests: an app that uses the engine, driven from outside. */

import {
  createEngine,
  WorkerLostError,
  type Conversation,
  type Engine,
  type EngineInfo,
  type EngineOptions,
} from '../../src'
import { MAIN, type Operation } from './operations'

/** All that is stored, in a form that is equal only where every id, text, embedding and latent is. */
export interface State {
  conversations: {
    name: string
    step: number
    epoch: number
    /** SHA-256 of the exported file. */
    file: string
    /** The first numbers of a query's vector, and the SHA-256 of it: what the memory makes of it. */
    query: string
  }[]
  /** Keys in the database that belong to no conversation. */
  strays: string[]
}

export interface DamagePage {
  engine: Engine
  open(options?: Partial<EngineOptions>): Promise<EngineInfo>
  /** Does the operations in order, up to three appends at once; tells `acknowledge` of each one that resolves. */
  run(operations: Operation[], first: number): Promise<void>
  state(): Promise<State>
  terminateWorkers(): void
}

declare global {
  interface Window {
    damage: DamagePage
    /** Set by the driver. */
    acknowledge(index: number): Promise<void>
  }
}

let database = 'damaged'
const OVERLAPPING = 3

const workers: Worker[] = []
window.Worker = class extends Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args)
    workers.push(this)
  }
}

const damage: DamagePage = {
  engine: undefined as never,

  async open(options = {}) {
    database = options.database ?? database
    const model = new URL('/model/', location.href)
    damage.engine = await createEngine({ model, device: 'wasm', database, share: false, ...options })
    return damage.engine.info
  },

  async run(operations, first) {
    let pending: Promise<void>[] = []
    try {
      const chat = await damage.engine.conversation(MAIN)
      for (const [i, operation] of operations.entries()) {
        if (operation.kind !== 'append' || pending.length === OVERLAPPING) {
          await Promise.all(pending)
          pending = []
        }
        const done = apply(chat, operation).then(() => void window.acknowledge(first + i))
        done.catch(() => {}) // heard when it is waited for
        pending.push(done)
        if (operation.kind !== 'append') await done
      }
      await Promise.all(pending)
    } catch (error) {
      if (!(error instanceof WorkerLostError)) throw error
    }
  },

  async state() {
    const { engine } = damage
    const conversations = []
    for (const { name, step, epoch } of await engine.conversations()) {
      const file = await sha256(await (await engine.export(name, { compress: false })).arrayBuffer())
      const vector = await (await engine.conversation(name)).embedQuery('Where is the canoe now?')
      const query = `${vector.slice(0, 3)} ${await sha256(vector.buffer as ArrayBuffer)}`
      conversations.push({ name, step, epoch, file, query })
    }
    const names = conversations.map(({ name }) => name)
    const strays = (await storedKeys()).filter(([of, name]) => !names.includes((of || name) as string))
    return { conversations, strays: strays.map((key) => JSON.stringify(key)) }
  },

  terminateWorkers() {
    for (const worker of workers.splice(0)) worker.terminate()
  },
}
window.damage = damage

async function apply(chat: Conversation, operation: Operation): Promise<unknown> {
  const { engine } = damage
  switch (operation.kind) {
    case 'append':
      return chat.append(operation.segments)
    case 'replace':
      return chat.replace(operation.id, operation.text)
    case 'forget':
      return chat.forget(operation.ids)
    case 'fork':
      return chat.fork(operation.as, operation.at)
    case 'import':
      return engine.import(await chat.export(), { name: operation.as })
    case 'delete':
      return engine.deleteConversation(operation.name)
  }
}

/** As they lie in the database, whatever the engine makes of them. */
async function storedKeys(): Promise<IDBValidKey[][]> {
  const request = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const opened = await request(indexedDB.open(database))
  const keys = await request(opened.transaction('records').objectStore('records').getAllKeys())
  opened.close()
  return keys as IDBValidKey[][]
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
