// The mean of every `slots` rows.

struct Constants {
  rows: u32, // of the result
  width: u32,
  slots: u32,
}

@group(0) @binding(0) var<uniform> constants: Constants;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, slots, width]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [rows, width]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= constants.width) {
    return;
  }
  var sum = 0.0;
  for (var slot = 0u; slot < constants.slots; slot++) {
    sum += x[(id.y * constants.slots + slot) * constants.width + id.x];
  }
  y[id.y * constants.width + id.x] = sum / f32(constants.slots);
}
