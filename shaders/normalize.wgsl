// One workgroup a row: the row over its length.

struct Constants {
  rows: u32,
  width: u32,
  x_row: u32,
  y_row: u32,
}

@group(0) @binding(0) var<uniform> constants: Constants;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [x_row + rows, width]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [y_row + rows, width]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let from_x = (constants.x_row + group.x) * constants.width;
  let from_y = (constants.y_row + group.x) * constants.width;
  var squares = 0.0;
  for (var i = thread; i < constants.width; i += THREADS) {
    squares += x[from_x + i] * x[from_x + i];
  }
  let length = max(sqrt(workgroup_sum(squares, thread)), 1e-12);
  for (var i = thread; i < constants.width; i += THREADS) {
    y[from_y + i] = x[from_x + i] / length;
  }
}
