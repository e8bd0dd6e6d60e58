// One workgroup a row: layer norm with weight and bias, eps 1e-5.

struct Constants {
  rows: u32,
  width: u32,
  x_row: u32,
  y_row: u32,
  round: u32, // 1: the result is rounded to f16
}

@group(0) @binding(0) var<uniform> constants: Constants;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [x_row + rows, width]
@group(0) @binding(2) var<storage, read> weight: array<f32>; // [width]
@group(0) @binding(3) var<storage, read> bias: array<f32>; // [width]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [y_row + rows, width]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let width = constants.width;
  let from_x = (constants.x_row + group.x) * width;
  let from_y = (constants.y_row + group.x) * width;
  var total = 0.0;
  for (var i = thread; i < width; i += THREADS) {
    total += x[from_x + i];
  }
  let mean = workgroup_sum(total, thread) / f32(width);
  var squares = 0.0;
  for (var i = thread; i < width; i += THREADS) {
    let centred = x[from_x + i] - mean;
    squares += centred * centred;
  }
  let scale = inverseSqrt(workgroup_sum(squares, thread) / f32(width) + 1e-5);
  for (var i = thread; i < width; i += THREADS) {
    let normed = (x[from_x + i] - mean) * scale * weight[i] + bias[i];
    y[from_y + i] = select(normed, round_f16(normed), constants.round == 1u);
  }
}
