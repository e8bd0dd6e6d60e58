// The nearest f16 value, ties to even, as f32. In integers, because WGSL leaves the rounding of
// pack2x16float to the driver, and lets it reorder sums that would round.

fn round_f16(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let sign = bits & 0x80000000u;
  let magnitude = bits & 0x7fffffffu;
  if (magnitude >= 0x38800000u) { // a normal f16: 13 bits of the fraction go
    let rounded = (magnitude + 0xfffu + ((magnitude >> 13u) & 1u)) & 0xffffe000u;
    return bitcast<f32>(sign | select(rounded, 0x7f800000u, rounded >= 0x47800000u));
  }
  // A subnormal f16: a multiple of 2^-24.
  let exponent = magnitude >> 23u;
  if (exponent < 102u) {
    return bitcast<f32>(sign);
  }
  let fraction = (magnitude & 0x7fffffu) | 0x800000u;
  let shift = 126u - exponent;
  let units = (fraction + (1u << (shift - 1u)) - 1u + ((fraction >> shift) & 1u)) >> shift;
  return bitcast<f32>(sign | bitcast<u32>(f32(units) * exp2(-24.0)));
}
