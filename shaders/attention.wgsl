// The one attention of the head, one workgroup a row and head: a row of step t sees the segments i of the
// queue with 0 <= t - 1 - i < capacity, `slots` vectors each, and the null slot, whose value is 0.

struct Constants {
  rows: u32,
  width: u32,
  heads: u32,
  slots: u32,
  capacity: u32,
  query_row: u32,
  y_row: u32,
  step: u32, // of row 0
  advance: u32, // what each row adds to the step
  base: i32, // the segment of buffer slot 0
  key_stride: u32, // elements from one vector to the next
  value_stride: u32,
  value_offset: u32, // elements before the first value
}

override LOGITS: u32; // capacity * slots

@group(0) @binding(0) var<uniform> constants: Constants;
@group(0) @binding(1) var<storage, read> query: array<f32>; // [query_row + rows, width]
@group(0) @binding(2) var<storage, read> keys: array<f32>; // [S, slots, key_stride]
@group(0) @binding(3) var<storage, read> values: array<f32>; // [S, slots, value_stride]
@group(0) @binding(4) var<storage, read> age: array<f32>; // [heads, capacity + 1], last the null slot's logit
@group(0) @binding(5) var<storage, read_write> y: array<f32>; // [y_row + rows, width]

var<workgroup> weights: array<f32, LOGITS>;
var<workgroup> maxima: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  let head = group.y;
  let width = constants.width / constants.heads;
  let step = constants.step + row * constants.advance;
  let seen = min(step, constants.capacity);
  let first = u32(i32(step - seen) - constants.base) * constants.slots; // the oldest vector seen
  let count = seen * constants.slots;
  let from_query = (constants.query_row + row) * constants.width + head * width;
  let ages = head * (constants.capacity + 1u);
  let null_logit = age[ages + constants.capacity];

  var maximum = null_logit;
  for (var j = thread; j < count; j += THREADS) {
    let from_key = (first + j) * constants.key_stride + head * width;
    var dot = 0.0;
    for (var i = 0u; i < width; i++) {
      dot += query[from_query + i] * keys[from_key + i];
    }
    let logit = dot * inverseSqrt(f32(width)) + age[ages + seen - 1u - j / constants.slots];
    weights[j] = logit;
    maximum = max(maximum, logit);
  }
  maxima[thread] = maximum;
  workgroupBarrier();
  for (var i = 0u; i < THREADS; i++) {
    maximum = max(maximum, maxima[i]);
  }

  var total = 0.0;
  for (var j = thread; j < count; j += THREADS) {
    let weight = exp(weights[j] - maximum);
    weights[j] = weight;
    total += weight;
  }
  total = workgroup_sum(total, thread) + exp(null_logit - maximum);

  for (var i = thread; i < width; i += THREADS) {
    var from_value = first * constants.value_stride + constants.value_offset + head * width + i;
    var sum = 0.0;
    for (var j = 0u; j < count; j++) {
      sum += weights[j] * values[from_value];
      from_value += constants.value_stride;
    }
    y[(constants.y_row + row) * constants.width + head * width + i] = sum / total;
  }
}
