// One workgroup a segment: [static ; sigmoid(gate) * context ; clock over its length].

struct Constants {
  rows: u32,
  width: u32,
  clock: u32,
  static_row: u32,
}

@group(0) @binding(0) var<uniform> constants: Constants;
@group(0) @binding(1) var<storage, read> statics: array<f32>; // [static_row + rows, width], of length 1
@group(0) @binding(2) var<storage, read> context: array<f32>; // [rows, width]
@group(0) @binding(3) var<storage, read> output: array<f32>; // [rows, 1 + clock]: gate, clock
@group(0) @binding(4) var<storage, read_write> embedding: array<f32>; // [rows, 2 width + clock]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  let width = constants.width;
  let from_static = (constants.static_row + row) * width;
  let from_output = row * (1u + constants.clock);
  let from_embedding = row * (2u * width + constants.clock);
  let gate = 1.0 / (1.0 + exp(-max(output[from_output], -80.0))); // WGSL leaves overflow undefined
  for (var i = thread; i < width; i += THREADS) {
    embedding[from_embedding + i] = statics[from_static + i];
    embedding[from_embedding + width + i] = gate * context[row * width + i];
  }
  var squares = 0.0;
  for (var i = thread; i < constants.clock; i += THREADS) {
    let value = output[from_output + 1u + i];
    squares += value * value;
  }
  let length = max(sqrt(workgroup_sum(squares, thread)), 1e-12);
  for (var i = thread; i < constants.clock; i += THREADS) {
    embedding[from_embedding + 2u * width + i] = output[from_output + 1u + i] / length;
  }
}
