// Moves 16 bytes a thread in and out: what the memory can do.

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) at: vec3u) {
  y[at.x] = x[at.x];
}
