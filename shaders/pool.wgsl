// One workgroup a query and segment: the softmax-weighted sum of the segment's token states. Query number
// `queries` weighs all tokens alike: the mean. One pass, rescaled whenever the maximum rises.

struct Constants {
  rows: u32,
  columns: u32,
  width: u32,
  queries: u32,
}

override WIDTH: u32;

const LANES = 8u;
const TOKENS = 16u; // at a time; LANES * TOKENS is the workgroup size

@group(0) @binding(0) var<uniform> constants: Constants;
@group(0) @binding(1) var<storage, read> states: array<f32>; // [rows, columns, width]
@group(0) @binding(2) var<storage, read> lengths: array<u32>; // [rows]
@group(0) @binding(3) var<storage, read> positions: array<u32>; // [rows]: where the results go
@group(0) @binding(4) var<storage, read> query: array<f32>; // [queries, width]
@group(0) @binding(5) var<storage, read_write> summaries: array<f32>; // [count, queries, width]
@group(0) @binding(6) var<storage, read_write> statics: array<f32>; // [count, width]

var<workgroup> length: u32;
var<workgroup> partial: array<f32, LANES * TOKENS>;
var<workgroup> logits: array<f32, TOKENS>;
var<workgroup> sums: array<f32, WIDTH>; // each element is touched by one thread only

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let asked = group.x;
  let is_mean = asked == constants.queries;
  let width = constants.width;
  let first = group.y * constants.columns;
  let lane = thread % LANES;
  let token = thread / LANES;
  if (thread == 0u) {
    length = lengths[group.y];
  }
  let tokens = workgroupUniformLoad(&length);
  for (var i = thread; i < width; i += 128u) {
    sums[i] = 0.0;
  }
  var maximum = -1e30;
  var total = 0.0;
  for (var start = 0u; start < tokens; start += TOKENS) {
    var dot = 0.0;
    if (!is_mean && start + token < tokens) {
      for (var i = lane; i < width; i += LANES) {
        dot += states[(first + start + token) * width + i] * query[asked * width + i];
      }
    }
    partial[thread] = dot;
    workgroupBarrier();
    if (thread < TOKENS) {
      var logit = 0.0;
      for (var i = 0u; i < LANES; i++) {
        logit += partial[thread * LANES + i];
      }
      logits[thread] = logit;
    }
    workgroupBarrier();
    let here = min(TOKENS, tokens - start);
    var risen = maximum;
    for (var i = 0u; i < here; i++) {
      risen = max(risen, logits[i]);
    }
    let rescale = exp(maximum - risen);
    maximum = risen;
    total *= rescale;
    for (var i = 0u; i < here; i++) {
      total += exp(logits[i] - maximum);
    }
    for (var i = thread; i < width; i += 128u) {
      var sum = sums[i] * rescale;
      for (var j = 0u; j < here; j++) {
        sum += exp(logits[j] - maximum) * states[(first + start + j) * width + i];
      }
      sums[i] = sum;
    }
    workgroupBarrier();
  }
  let position = positions[group.y];
  for (var i = thread; i < width; i += 128u) {
    let result = sums[i] / total;
    if (is_mean) {
      statics[position * width + i] = result;
    } else {
      summaries[(position * constants.queries + asked) * width + i] = result;
    }
  }
}
