// 16 independent chains of multiply and add a thread, out of registers: what the arithmetic units can do.

const STEPS = 256u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) at: vec3u) {
  let factor = x[at.x];
  var a = factor;
  var b = factor + 1.0;
  var c = factor + 2.0;
  var d = factor + 3.0;
  for (var i = 0u; i < STEPS; i++) {
    a = fma(a, factor, b);
    b = fma(b, factor, c);
    c = fma(c, factor, d);
    d = fma(d, factor, a);
  }
  y[at.x] = a + b + c + d;
}
