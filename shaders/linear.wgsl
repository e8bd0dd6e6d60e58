// y = act(x Wᵀ + b) + residual. A workgroup makes a tile of 8 rows by 32 outputs; a thread 4 rows of one output.

struct Constants {
  rows: u32,
  inner: u32,
  outer: u32,
  x_row: u32,
  y_row: u32,
  residual_row: u32,
  residual_rows: u32, // 0: no residual; else the residual's rows repeat after so many
  silu: u32,
  round: u32, // 1: the result is rounded to f16
}

const OUTPUTS = 32u;
const DEPTH = 64u; // of a tile along the inner dimension
const STRIDE = DEPTH + 1u; // so that neighbouring threads hit different banks

@group(0) @binding(0) var<uniform> constants: Constants;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [x_row + rows, inner]
@group(0) @binding(2) var<storage, read> weight: array<u32>; // [outer, ceil(inner / 2)], pairs of f16
@group(0) @binding(3) var<storage, read> bias: array<f32>; // [outer]
@group(0) @binding(4) var<storage, read> residual: array<f32>; // [residual_row + residual_rows, outer]
@group(0) @binding(5) var<storage, read_write> y: array<f32>; // [y_row + rows, outer]

var<workgroup> x_tile: array<vec4f, 2u * DEPTH>;
var<workgroup> weight_tile: array<f32, OUTPUTS * STRIDE>;

fn x_at(row: u32, k: u32) -> f32 {
  if (row >= constants.rows || k >= constants.inner) {
    return 0.0;
  }
  return x[(constants.x_row + row) * constants.inner + k];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first_output = group.x * OUTPUTS;
  let first_row = group.y * 8u;
  let words = (constants.inner + 1u) / 2u;
  let output = thread % OUTPUTS;
  let quad = thread / OUTPUTS;
  var sum = vec4f(0.0);
  for (var from_k = 0u; from_k < constants.inner; from_k += DEPTH) {
    for (var i = thread; i < 2u * DEPTH; i += 64u) {
      let row = first_row + 4u * (i / DEPTH);
      let k = from_k + i % DEPTH;
      x_tile[i] = vec4f(x_at(row, k), x_at(row + 1u, k), x_at(row + 2u, k), x_at(row + 3u, k));
    }
    for (var i = thread; i < OUTPUTS * DEPTH / 2u; i += 64u) {
      let tile_output = i / (DEPTH / 2u);
      let pair = i % (DEPTH / 2u);
      let word = from_k / 2u + pair;
      var weights = vec2f(0.0);
      if (first_output + tile_output < constants.outer && word < words) {
        weights = unpack2x16float(weight[(first_output + tile_output) * words + word]);
      }
      weight_tile[tile_output * STRIDE + 2u * pair] = weights.x;
      weight_tile[tile_output * STRIDE + 2u * pair + 1u] = weights.y;
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      sum += x_tile[quad * DEPTH + k] * weight_tile[output * STRIDE + k];
    }
    workgroupBarrier();
  }
  let column = first_output + output;
  if (column >= constants.outer) {
    return;
  }
  for (var i = 0u; i < 4u; i++) {
    let row = first_row + 4u * quad + i;
    if (row >= constants.rows) {
      return;
    }
    var result = sum[i] + bias[column];
    if (constants.silu == 1u) {
      result /= 1.0 + exp(-max(result, -80.0)); // WGSL leaves overflow undefined
    }
    if (constants.residual_rows > 0u) {
      let residual_row = constants.residual_row + row % constants.residual_rows;
      result += residual[residual_row * constants.outer + column];
    }
    y[(constants.y_row + row) * constants.outer + column] =
      select(result, round_f16(result), constants.round == 1u);
  }
}
