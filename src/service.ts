/** What the worker answers: the calls of the protocol, on a loaded model and a store. */

import { KINDS, type Records, type Widths } from './chunks'
import type { Contents } from './contents'
import { Conversations } from './conversations'
import {
  ConversationNotFoundError,
  CorruptDataError,
  encodeError,
  InvalidArgumentError,
  NewerFormatError,
  SegmentNotFoundError,
  SegmentTooLongError,
  SpaceMismatchError,
} from './errors'
import { decrypt, encrypt } from './encryptedFile'
import { decodeFile, encodeFile } from './exportFile'
import { refuse } from './exportHeader'
import { widths, type Reader } from './heldConversation'
import type { Handlers, Task } from './host'
import { inContext, lexicalScores } from './lexical'
import { embedStatic, read, readQueries } from './memory'
import type { Query } from './openConversation'
import type { ConversationChange, ConversationInfo, Hit, SearchOptions } from './protocol'
import { checkSearchOptions, search, type Scope } from './search'
import { checkText } from './segmenter'
import type { Head, Unreadable } from './records'
import type { Store } from './store'
import { settled } from './settled'
import { Writers } from './writers'

export function createService(reader: Reader, store: Store, database: string): Omit<Handlers, 'load'> {
  const { manifest, backend, tokenizer, template } = reader
  const changes = new BroadcastChannel(`evoembed:${database}`)
  const announce = ({ name, epoch, step }: Pick<Head, 'name' | 'epoch' | 'step'>) =>
    changes.postMessage({ conversation: name, epoch, step } satisfies ConversationChange)
  const writers = new Writers(database)
  const conversations = new Conversations(reader, { store, writers, announce })

  const info = async (name: string): Promise<ConversationInfo> => {
    const head = await store.head(checkName(name))
    return head
      ? infoOf(head)
      : { name, space: manifest.space, step: 0, epoch: 0, created: 0, updated: 0, bytes: 0 }
  }

  /** Tokens of a text, refused where the encoder cannot read them all. */
  const tokensOf = (argument: string, text: string) => {
    checkText(argument, text)
    const tokens = tokenizer.encode(template.query(text))
    if (tokens.length > manifest.maxTokens)
      throw new SegmentTooLongError(argument, tokens.length, manifest.maxTokens)
    return tokens
  }

  /** Reads a query once, whatever it is asked of; `work` may begin meanwhile. */
  const asking = async <T>(
    task: Task,
    query: string,
    work: (query: Promise<Query>) => Promise<T>,
  ): Promise<T> => {
    const reading = read(backend, [tokensOf('query', query)], { states: true, signal: task.signal })
    const asked = reading.then(async (readings) => {
      const { rows, late, states } = await readQueries(readings, backend)
      return { readings, rows, late: late[0], states: states[0] }
    })
    const ended = settled(asked) // from now on: it may fail before `work` waits for it
    try {
      return await work(asked)
    } finally {
      await ended
      await settled(reading.then((readings) => readings.release()))
    }
  }

  const ranked = (task: Task, scopes: Scope[], query: string, options: Omit<SearchOptions, 'at'>) => {
    task.signal.throwIfAborted()
    const lexical = () =>
      lexicalScores(
        query,
        scopes.map(({ contents: { lexical }, step: count }) => ({ lexical, count })),
      ).map(inContext)
    return search(scopes, options, manifest, { lexical, rerank: (candidates) => backend.rerank(candidates) })
  }

  /** Throws CorruptDataError where our model would not have made that. */
  const checkOurs = ({ tokens }: Records, theirs: Widths) => {
    const { embedding, latent, token } = widths(manifest)
    if (theirs.embedding !== embedding || theirs.latent !== latent || theirs.token !== token)
      refuse('its widths are not those of its space')
    const most = manifest.maxTokens * token
    const long = tokens.findIndex(({ length }) => length > most)
    if (long >= 0)
      refuse(`segment ${long} has ${tokens[long].length} bytes of tokens, at most ${most} are allowed`)
  }

  return {
    embed: async (task, texts) => {
      checkList('texts', texts)
      const tokens = texts.map((text, i) => tokensOf(`texts[${i}]`, text))
      const vectors = await embedStatic(backend, tokens, { signal: task.signal, onProgress: task.progress })
      return texts.map((_, i) => vectors.slice(i * manifest.d, (i + 1) * manifest.d))
    },

    conversations: async () =>
      (await store.heads()).map((head) => ('error' in head ? unreadable(head) : infoOf(head))),

    open: async (task, name, onModelChange) => {
      await conversations.use(checkName(name), async (conversation) => {
        if (onModelChange === 'reread') await conversation.reread(task)
        await conversation.contents()
      })
      return info(name)
    },

    info: (_, name) => info(name),

    segments: async (_, name, from, to) => {
      checkRange(from, to)
      const stored = await store.read(checkName(name), from, to, ['segments'])
      return (stored?.segments ?? []).map((segment, i) => ({ ...segment, step: from + i }))
    },

    append: (task, name, segments, options) =>
      conversations.use(name, (conversation) => conversation.append(task, segments, options)),

    replace: async (task, name, id, text, options) => {
      await conversations.use(name, (conversation) => conversation.replace(task, id, text, options))
      return info(name)
    },

    forget: async (task, name, ids) => {
      checkList('ids', ids)
      await conversations.use(name, (conversation) => conversation.forget(task, ids))
      return info(name)
    },

    rewind: async (task, name, step) => {
      await conversations.use(name, (conversation) => conversation.rewind(task, step))
      return info(name)
    },

    fork: async (task, name, as, at) => {
      checkName(as)
      const records = await conversations.use(name, (conversation) => conversation.records(at))
      await conversations.use(as, (fork) => fork.create(task, records))
      return info(as)
    },

    delete: (task, name) =>
      writers.write(checkName(name), task.signal, async () => {
        if (!(await store.delete(name))) throw new ConversationNotFoundError(name)
        announce({ name, epoch: 0, step: 0 })
        await conversations.use(name, async (conversation) => conversation.close())
      }),

    repair: (task, name, onModelChange) =>
      conversations.use(checkName(name), (conversation) => conversation.repair(task, onModelChange)),

    search: (task, name, query, { at, ...options }) => {
      checkSearchOptions(options)
      return asking(task, query, async (asked) => {
        const scope = await conversations.use(name, (conversation) => conversation.ask(asked, at))
        return ranked(task, [scope], query, options)
      })
    },

    searchAll: async (task, query, { at, conversations: names, ...options }) => {
      checkSearchOptions(options)
      if (at !== undefined && !(at instanceof Date && !Number.isNaN(at.getTime())))
        throw new InvalidArgumentError('at', at, 'a valid Date: steps differ between conversations')
      const stored = (await store.heads()).map(({ name }) => name)
      const wanted = new Set(names === undefined ? stored : checkList('conversations', names))
      const unknown = [...wanted].find((name) => !stored.includes(name))
      if (unknown !== undefined) throw new ConversationNotFoundError(unknown)
      return asking(task, query, async (asked) => {
        const scopes: Scope[] = []
        const skipped: { conversation: string; error: Error }[] = []
        for (const name of wanted) {
          task.signal.throwIfAborted()
          try {
            scopes.push(await conversations.use(name, (conversation) => conversation.ask(asked, at)))
          } catch (error) {
            if (names || !isUnsearchable(error)) throw error
            skipped.push({ conversation: name, error })
          }
        }
        if (!scopes.length && skipped.length) throw skipped[0].error
        return {
          hits: await ranked(task, scopes, query, options),
          skipped: skipped.map(({ conversation, error }) => ({ conversation, error: encodeError(error) })),
        }
      })
    },

    rerank: (task, name, query, ids) =>
      asking(task, query, async (asked): Promise<Hit[]> => {
        const scope = await conversations.use(name, (conversation) => conversation.ask(asked))
        const only = new Set(checkList('ids', ids).flatMap((id) => stepsOf(name, scope.contents, id)))
        return only.size ? ranked(task, [{ ...scope, only }], query, { topK: only.size }) : []
      }),

    embedQuery: (task, name, text, at) =>
      asking(task, text, async (asked) => {
        return (await conversations.use(name, (conversation) => conversation.ask(asked, at))).vector
      }),

    embeddings: async (_, name, from, to) => {
      checkRange(from, to)
      const { embeddings } = await conversations.use(name, (conversation) => conversation.contents())
      const end = Math.min(to, embeddings.count)
      return Array.from({ length: Math.max(0, end - from) }, (_, i) => embeddings.row(from + i).slice())
    },

    export: async (task, name, compress, password) => {
      const stored = await store.read(checkName(name), 0, Infinity, KINDS)
      if (!stored) throw new ConversationNotFoundError(name)
      const { head, ...records } = stored
      const file = await encodeFile({ name, space: head.space, widths: head.widths, records }, compress, task)
      return password === undefined ? file : encrypt(file, password)
    },

    import: async (task, file, { name, onModelChange, password }) => {
      const { records, ...origin } = await decodeFile(await decrypt(file, password), task)
      const target = checkName(name ?? origin.name)
      const ours = origin.space === manifest.space
      if (!ours && onModelChange === 'refuse')
        throw new SpaceMismatchError(target, origin.space, manifest.space)
      if (ours) checkOurs(records, origin.widths)
      await conversations.use(target, (conversation) =>
        conversation.create(task, ours ? records : { segments: records.segments }),
      )
      return info(target)
    },
  }
}

function infoOf({ name, space, step, epoch, created, updated, bytes }: Head): ConversationInfo {
  return { name, space, step, epoch, created, updated, bytes }
}

function unreadable({ name, error }: Unreadable): ConversationInfo {
  const nothing = { space: '', step: 0, epoch: 0, created: 0, updated: 0, bytes: 0 }
  return { name, ...nothing, unreadable: { name: error.name, message: error.message } }
}

/** Whether the fault is the conversation's own, and no reason not to search the others: one without times, say. */
function isUnsearchable(error: unknown): error is Error {
  return (
    (error instanceof InvalidArgumentError && error.argument === 'at') ||
    error instanceof CorruptDataError ||
    error instanceof NewerFormatError ||
    error instanceof SpaceMismatchError
  )
}

function stepsOf(name: string, contents: Contents, id: string): readonly number[] {
  const steps = contents.find(id)
  if (!steps.length) throw new SegmentNotFoundError(name, id)
  return steps
}

function checkList(argument: string, texts: string[]): string[] {
  if (!Array.isArray(texts)) throw new InvalidArgumentError(argument, texts, 'an array of strings')
  return texts
}

function checkName(name: string): string {
  if (typeof name !== 'string' || !name || name.length > 256)
    throw new InvalidArgumentError('name', name, 'a string of 1 to 256 characters')
  return name
}

function checkRange(from: number, to: number): void {
  if (!Number.isInteger(from) || from < 0)
    throw new InvalidArgumentError('from', from, 'an integer from 0 on')
  if (typeof to !== 'number' || !(to >= from))
    throw new InvalidArgumentError('to', to, `a step from ${from} on`)
}
