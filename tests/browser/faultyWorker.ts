/** The engine's worker where something is at fault. */

import './faults'
import '../../workers/engine.worker'
