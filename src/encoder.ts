/** The base encoder: token ids to token states, on the device the session was made for. */

import type { InferenceSession, Tensor } from 'onnxruntime-web'
import type { DeviceName, TokenBatch } from './backend/backend'
import { ENCODER_WEIGHTS, ENCODERS, external } from './backend/files'
import type { Runtime } from './runtime'

const LAST = 'last_hidden_state'
const MIDDLE = 'middle_hidden_state'

export interface Encoded {
  /** Token states [rows, columns, d]; rows' padding holds arbitrary finite values. Dispose of it when read. */
  states: Tensor
  /** The same of the middle layer, if asked for. */
  middle?: Tensor
  /** [rows, columns] int64: 1 for tokens, 0 for padding. */
  mask: Tensor
}

export class Encoder {
  private constructor(
    private readonly runtime: Runtime,
    private readonly session: InferenceSession,
  ) {}

  /**
   * The encoder for a device, from the model's `files`: an ONNX graph with inputs input_ids, attention_mask and, if it
   * has it, token_type_ids, and outputs last_hidden_state and middle_hidden_state. `outputs`: where the states are to
   * lie.
   */
  static async create(
    runtime: Runtime,
    device: DeviceName,
    files: ReadonlyMap<string, Uint8Array>,
    outputs: InferenceSession.SessionOptions['preferredOutputLocation'] = 'cpu',
  ) {
    const session = await runtime.InferenceSession.create(files.get(ENCODERS[device])!, {
      executionProviders: [device],
      logSeverityLevel: 3,
      preferredOutputLocation: outputs,
      externalData: [external(ENCODER_WEIGHTS, files)],
    })
    return new Encoder(runtime, session)
  }

  /** `both`: whether the middle layer's states are wanted, too. */
  async run({ ids, lengths, columns }: TokenBatch, both: boolean): Promise<Encoded> {
    const shape = [lengths.length, columns]
    const maskLow = new Int32Array(ids.length * 2)
    lengths.forEach((length, row) => {
      for (let i = 0; i < length; i++) maskLow[2 * (row * columns + i)] = 1
    })
    const mask = this.int64(maskLow, shape)
    const all: Record<string, Tensor> = {
      input_ids: this.int64(widen(ids), shape),
      attention_mask: mask,
      token_type_ids: this.int64(new Int32Array(ids.length * 2), shape),
    }
    const feeds = Object.fromEntries(this.session.inputNames.map((name) => [name, all[name]]))
    const { [LAST]: states, [MIDDLE]: middle } = await this.session.run(feeds, both ? [LAST, MIDDLE] : [LAST])
    return { states, middle, mask }
  }

  async close(): Promise<void> {
    await this.session.release()
  }

  private int64(low: Int32Array<ArrayBuffer>, shape: number[]): Tensor {
    return new this.runtime.Tensor('int64', new BigInt64Array(low.buffer), shape)
  }
}

/** Non-negative int32 as the low words of little-endian int64. */
function widen(values: Int32Array): Int32Array<ArrayBuffer> {
  const words = new Int32Array(values.length * 2)
  for (let i = 0; i < values.length; i++) words[2 * i] = values[i]
  return words
}
