/** Text to token ids, as the model's tokenizer.json says. */

import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers'
import { ModelCorruptError } from './errors'

export class Tokenizer {
  private readonly tokenizer: HubTokenizer

  /**
   * `tokenizer` and `config`: the bytes of tokenizer.json and tokenizer_config.json.
   * @throws ModelCorruptError when they describe no tokenizer.
   */
  constructor(tokenizer: Uint8Array, config: Uint8Array) {
    const parsed = [parse('tokenizer.json', tokenizer), parse('tokenizer_config.json', config)]
    try {
      this.tokenizer = new HubTokenizer(parsed[0], parsed[1])
    } catch (error) {
      throw new ModelCorruptError('tokenizer.json', String(error))
    }
  }

  /** All tokens of a text, special ones included; nothing is cut off. @throws ModelCorruptError */
  encode(text: string): Int32Array<ArrayBuffer> {
    return Int32Array.from(this.ids(text))
  }

  /** How many tokens `encode` would give. */
  count(text: string): number {
    return this.ids(text).length
  }

  /** Every text has tokens: where one cannot be read, the tokenizer is at fault. */
  private ids(text: string): number[] {
    try {
      return this.tokenizer.encode(text).ids
    } catch (error) {
      throw new ModelCorruptError('tokenizer.json', String(error))
    }
  }
}

function parse(file: string, bytes: Uint8Array): object {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new ModelCorruptError(file, String(error))
  }
}
