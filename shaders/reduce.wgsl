// Sum over a workgroup of THREADS invocations. Every invocation must call it.

const THREADS = 128u;

var<workgroup> partial: array<f32, THREADS>;

fn workgroup_sum(value: f32, thread: u32) -> f32 {
  partial[thread] = value;
  workgroupBarrier();
  for (var reach = THREADS / 2u; reach > 0u; reach /= 2u) {
    if (thread < reach) {
      partial[thread] += partial[thread + reach];
    }
    workgroupBarrier();
  }
  let sum = partial[0];
  workgroupBarrier();
  return sum;
}
