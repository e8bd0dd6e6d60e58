// Adds to each row its role (segment or query) and its place in the order, by smooth functions of the step.

struct Constants {
  rows: u32,
  width: u32,
  role: u32, // 0 segment, 1 query
  step: u32, // of row 0
  advance: u32, // what each row adds to the step
}

@group(0) @binding(0) var<uniform> constants: Constants;
@group(0) @binding(1) var<storage, read> role: array<f32>; // [2, width]
@group(0) @binding(2) var<storage, read> order: array<f32>; // [width, 5]
@group(0) @binding(3) var<storage, read_write> x: array<f32>; // [rows, width]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= constants.width) {
    return;
  }
  let t = f32(constants.step + id.y * constants.advance);
  let features = t / (t + vec4f(2.0, 8.0, 32.0, 128.0));
  let weights = id.x * 5u;
  x[id.y * constants.width + id.x] += role[constants.role * constants.width + id.x]
    + dot(features, vec4f(order[weights], order[weights + 1u], order[weights + 2u], order[weights + 3u]))
    + log(1.0 + t) / 10.0 * order[weights + 4u];
}
