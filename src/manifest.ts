/** `evo.json`: what a model folder says of itself. */

import type { DeviceName, Dimensions } from './backend/backend'
import { ModelCorruptError, NewerFormatError } from './errors'
import { show } from './show'

/** The format of evo.json that is read here. */
export const FORMAT = 9

/** P(relevant) = sigmoid(slope * score + intercept). */
export interface Calibration {
  slope: number
  intercept: number
}

export interface GoldenVectors {
  vectors: string
  /** How far from its reference a vector may be, as a share of the reference's length. */
  tolerance: number
}

export interface Manifest extends Dimensions {
  format: number
  name: string
  version: string
  /** Tokens the encoder reads at most, special ones included. */
  maxTokens: number
  /**
   * How many candidates the reranker reads; the share that counts of what it adds where a query neither relies on the
   * memory nor asks by place.
   */
  rerank: { candidates: number; floor: number }
  template: { segment: string; query: string; date: string }
  /** Weights of the lexical score and of late interaction for a query that does not rely on the memory. */
  fusion: { lexicalWeight: number }
  /**
   * Late interaction: its weight for such a query, how many segments before one count for it, and the share of its weight
   * that it gives up where a query relies on the memory's latents altogether.
   */
  late: { weight: number; reach: number; yields: number }
  /** A query relies on the memory by half where the squared length of its memory parts is at the threshold. */
  reliance: { threshold: number; steepness: number }
  calibration: Record<'evolved' | 'static', Calibration>
  languages: string[]
  /** Every file of the folder but evo.json, by path. */
  files: Record<string, { sha256: string; bytes: number }>
  /** SHA-256, hex, over all that makes vectors comparable. */
  space: string
  /** Texts, and for each device the file of the vectors they have there: what it must be able to compute. */
  golden: { segments: string[]; queries: string[]; devices: Record<DeviceName, GoldenVectors> }
}

/**
 * Parses and checks evo.json. What it holds besides is left out.
 * @throws ModelCorruptError naming the field that is missing or not what it must be, NewerFormatError.
 */
export function parseManifest(json: string): Manifest {
  const root = new Field(parse(json), '')
  const format = root.at('format').integer()
  if (format > FORMAT) throw new NewerFormatError('evo.json', format, FORMAT)
  if (format < FORMAT) refuse(`its format is ${format}, which is no longer read; it must be ${FORMAT}`)

  const calibration = (name: string): Calibration => {
    const field = root.at('calibration').at(name)
    return { slope: field.at('slope').number(), intercept: field.at('intercept').number() }
  }
  const golden = (device: DeviceName): GoldenVectors => {
    const field = root.at('golden').at('devices').at(device)
    return { vectors: field.at('vectors').text(), tolerance: field.at('tolerance').number() }
  }
  const manifest: Manifest = {
    format,
    name: root.at('name').text(),
    version: root.at('version').text(),
    d: root.at('d').integer(),
    K: root.at('K').integer(),
    C: root.at('C').integer(),
    heads: root.at('heads').integer(),
    m: root.at('m').integer(),
    t: root.at('t').integer(),
    maxTokens: root.at('maxTokens').integer(),
    rerank: {
      candidates: root.at('rerank').at('candidates').integer(),
      floor: root.at('rerank').at('floor').number(),
    },
    template: {
      segment: root.at('template').at('segment').text(),
      query: root.at('template').at('query').text(),
      date: root.at('template').at('date').text(),
    },
    fusion: { lexicalWeight: root.at('fusion').at('lexicalWeight').number() },
    late: {
      weight: root.at('late').at('weight').number(),
      reach: root.at('late').at('reach').integer(),
      yields: root.at('late').at('yields').number(),
    },
    reliance: {
      threshold: root.at('reliance').at('threshold').number(),
      steepness: root.at('reliance').at('steepness').number(),
    },
    calibration: { evolved: calibration('evolved'), static: calibration('static') },
    languages: root.at('languages').texts(),
    files: Object.fromEntries(
      root
        .at('files')
        .entries()
        .map(([path, file]) => [
          checkedPath(path),
          { sha256: file.at('sha256').sha256(), bytes: file.at('bytes').integer() },
        ]),
    ),
    space: root.at('space').sha256(),
    golden: {
      segments: root.at('golden').at('segments').texts(),
      queries: root.at('golden').at('queries').texts(),
      devices: { wasm: golden('wasm'), webgpu: golden('webgpu') },
    },
  }
  if (manifest.d % manifest.heads)
    refuse(`heads is ${manifest.heads}, which does not divide d, ${manifest.d}`)
  return manifest
}

function refuse(reason: string): never {
  throw new ModelCorruptError('evo.json', reason)
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return refuse(`it is not JSON: it begins with ${JSON.stringify(json.slice(0, 40))}`)
  }
}

/** A file is fetched from the model's own folder, nowhere else. */
function checkedPath(path: string): string {
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(path))
    refuse(`files names ${show(path)}, not a path in its folder`)
  return path
}

/** A value of the manifest that knows where it stands. */
class Field {
  constructor(
    private readonly value: unknown,
    private readonly path: string,
  ) {}

  at(name: string): Field {
    return new Field(this.object()[name], this.path ? `${this.path}.${name}` : name)
  }

  entries(): [string, Field][] {
    return Object.keys(this.object()).map((name) => [name, this.at(name)])
  }

  text(): string {
    return typeof this.value === 'string' ? this.value : this.refuse('a text')
  }

  texts(): string[] {
    const { value } = this
    return Array.isArray(value) && value.every((v) => typeof v === 'string')
      ? value
      : this.refuse('a list of texts')
  }

  number(): number {
    return typeof this.value === 'number' ? this.value : this.refuse('a number')
  }

  integer(): number {
    const { value } = this
    return Number.isSafeInteger(value) && (value as number) > 0
      ? (value as number)
      : this.refuse('a whole number above 0')
  }

  sha256(): string {
    const { value } = this
    return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? value : this.refuse('a SHA-256 in hex')
  }

  private object(): Record<string, unknown> {
    const { value } = this
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.refuse('an object')
    return value as Record<string, unknown>
  }

  private refuse(wanted: string): never {
    const given = this.value === undefined ? 'missing' : show(this.value, 80)
    return refuse(`${this.path || 'it'} is ${given}; it must be ${wanted}`)
  }
}
