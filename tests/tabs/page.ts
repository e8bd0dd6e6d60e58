/** A page that has the library at hand, and nothing else: driven by tests that need real tabs. */

import * as evoembed from '../../src'

declare global {
  interface Window {
    evoembed: typeof evoembed
    engine: evoembed.Engine
  }
}

window.evoembed = evoembed
