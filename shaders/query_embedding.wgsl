// One workgroup a query: [static ; gain * static + shift ; clock].

struct Constants {
  rows: u32,
  width: u32,
  clock: u32,
}

@group(0) @binding(0) var<uniform> constants: Constants;
@group(0) @binding(1) var<storage, read> statics: array<f32>; // [rows, width], of length 1
@group(0) @binding(2) var<storage, read> output: array<f32>; // [rows, 1 + width + clock]: gain, shift, clock
@group(0) @binding(3) var<storage, read_write> embedding: array<f32>; // [rows, 2 width + clock]

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let width = constants.width;
  let from_output = group.x * (1u + width + constants.clock);
  let from_embedding = group.x * (2u * width + constants.clock);
  let gain = output[from_output];
  for (var i = thread; i < width; i += 128u) {
    let value = statics[group.x * width + i];
    embedding[from_embedding + i] = value;
    embedding[from_embedding + width + i] = gain * value + output[from_output + 1u + i];
  }
  for (var i = thread; i < constants.clock; i += 128u) {
    embedding[from_embedding + 2u * width + i] = output[from_output + 1u + width + i];
  }
}
