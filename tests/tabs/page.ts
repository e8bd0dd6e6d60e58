/** A page that has the library at hand, and no engine yet: driven by tests that need real tabs. */

import * as evoembed from '../../src'
import { soak } from '../soak/use'

declare global {
  interface Window {
    evoembed: typeof evoembed
    engine: evoembed.Engine
    soak: typeof soak
  }
}

Object.assign(window, { evoembed, soak })
