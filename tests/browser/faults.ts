/**
 * Faults of a browser or a device, made for real inside a worker before the engine's own code runs there. The worker's name
 * says which.
 */

export type Fault =
  | 'loses its device' // destroyed when the BroadcastChannel of this name says so
  | 'computes wrong numbers' // one kernel takes another exponential; auto takes the software adapter for a real one
  | 'has no WebGPU'
  | 'refuses to store what does not fit' // the second kind of records, once the first was taken
  | 'has no IndexedDB'
  | 'may not open IndexedDB' // as where the user blocks what sites store
  | 'cannot open IndexedDB' // as in private windows of some browsers

function replace<T extends object, K extends keyof T>(target: T, name: K, value: T[K]) {
  Object.defineProperty(target, name, { value, configurable: true })
}

const make: Record<Fault, () => void> = {
  'loses its device'() {
    const requestDevice = GPUAdapter.prototype.requestDevice
    replace(GPUAdapter.prototype, 'requestDevice', async function (this: GPUAdapter, ...args) {
      const device = await requestDevice.apply(this, args)
      new BroadcastChannel('loses its device').onmessage = () => device.destroy()
      return device
    })
  },

  'computes wrong numbers'() {
    const createShaderModule = GPUDevice.prototype.createShaderModule
    replace(GPUDevice.prototype, 'createShaderModule', function (this: GPUDevice, descriptor) {
      const code =
        descriptor.label === 'attention' ? descriptor.code.replaceAll('exp(', 'exp2(') : descriptor.code
      return createShaderModule.call(this, { ...descriptor, code })
    })
    replace(GPUAdapterInfo.prototype, 'isFallbackAdapter', false)
  },

  'has no WebGPU': () => replace(navigator, 'gpu', undefined as never),

  'refuses to store what does not fit'() {
    const { put } = IDBObjectStore.prototype
    let refused = false
    replace(IDBObjectStore.prototype, 'put', function (this: IDBObjectStore, value, key) {
      if (refused) throw new DOMException('out of memory', 'DataCloneError')
      refused = JSON.stringify(value).includes('does not fit')
      return put.call(this, value, key)
    })
  },

  'has no IndexedDB': () => replace(self, 'indexedDB', undefined as never),

  'may not open IndexedDB': () =>
    replace(IDBFactory.prototype, 'open', () => {
      throw new DOMException('access is denied', 'SecurityError')
    }),

  'cannot open IndexedDB': () =>
    replace(IDBFactory.prototype, 'open', () => {
      const request = new EventTarget() as IDBOpenDBRequest
      replace(request, 'error', new DOMException('a mutation was tried', 'InvalidStateError'))
      setTimeout(() => request.onerror?.(new Event('error')))
      return request
    }),
}

make[self.name as Fault]()
