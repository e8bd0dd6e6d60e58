;; The hot loops that run on WASM: lengths in f32, addresses in bytes. `npm run build:simd` makes kernels.ts of it.
(module
  (import "host" "memory" (memory 1))
  (func $sum (param $v v128) (result f32)
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $v)) (f32x4.extract_lane 1 (local.get $v)))
      (f32.add (f32x4.extract_lane 2 (local.get $v)) (f32x4.extract_lane 3 (local.get $v)))))

  ;; $scores[i] = $query[0..$width] . $rows[i * $stride ..]; addresses in bytes, lengths in f32.
  (func (export "dot")
    (param $query i32) (param $rows i32) (param $scores i32) (param $count i32) (param $width i32) (param $stride i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128) (local $s f32)
    (local $x i32) (local $y i32) (local $sixteens i32) (local $fours i32) (local $end i32) (local $last i32)
    (local.set $stride (i32.shl (local.get $stride) (i32.const 2)))
    (local.set $sixteens (i32.add (local.get $query) (i32.shl (i32.and (local.get $width) (i32.const -16)) (i32.const 2))))
    (local.set $fours (i32.add (local.get $query) (i32.shl (i32.and (local.get $width) (i32.const -4)) (i32.const 2))))
    (local.set $end (i32.add (local.get $query) (i32.shl (local.get $width) (i32.const 2))))
    (local.set $last (i32.add (local.get $scores) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $row
        (br_if $done (i32.ge_u (local.get $scores) (local.get $last)))
        (local.set $x (local.get $query))
        (local.set $y (local.get $rows))
        (local.set $a (v128.const f32x4 0 0 0 0))
        (local.set $b (v128.const f32x4 0 0 0 0))
        (local.set $c (v128.const f32x4 0 0 0 0))
        (local.set $d (v128.const f32x4 0 0 0 0))
        ;; Four sums at a time, so that no addition waits for the one before it.
        (block $no_sixteen
          (loop $sixteen
            (br_if $no_sixteen (i32.ge_u (local.get $x) (local.get $sixteens)))
            (local.set $a (f32x4.add (local.get $a) (f32x4.mul (v128.load (local.get $x)) (v128.load (local.get $y)))))
            (local.set $b (f32x4.add (local.get $b)
              (f32x4.mul (v128.load offset=16 (local.get $x)) (v128.load offset=16 (local.get $y)))))
            (local.set $c (f32x4.add (local.get $c)
              (f32x4.mul (v128.load offset=32 (local.get $x)) (v128.load offset=32 (local.get $y)))))
            (local.set $d (f32x4.add (local.get $d)
              (f32x4.mul (v128.load offset=48 (local.get $x)) (v128.load offset=48 (local.get $y)))))
            (local.set $x (i32.add (local.get $x) (i32.const 64)))
            (local.set $y (i32.add (local.get $y) (i32.const 64)))
            (br $sixteen)))
        (block $no_four
          (loop $four
            (br_if $no_four (i32.ge_u (local.get $x) (local.get $fours)))
            (local.set $a (f32x4.add (local.get $a) (f32x4.mul (v128.load (local.get $x)) (v128.load (local.get $y)))))
            (local.set $x (i32.add (local.get $x) (i32.const 16)))
            (local.set $y (i32.add (local.get $y) (i32.const 16)))
            (br $four)))
        (local.set $s (call $sum (f32x4.add
          (f32x4.add (local.get $a) (local.get $b)) (f32x4.add (local.get $c) (local.get $d)))))
        (block $no_one
          (loop $one
            (br_if $no_one (i32.ge_u (local.get $x) (local.get $end)))
            (local.set $s (f32.add (local.get $s) (f32.mul (f32.load (local.get $x)) (f32.load (local.get $y)))))
            (local.set $x (i32.add (local.get $x) (i32.const 4)))
            (local.set $y (i32.add (local.get $y) (i32.const 4)))
            (br $one)))
        (f32.store (local.get $scores) (local.get $s))
        (local.set $scores (i32.add (local.get $scores) (i32.const 4)))
        (local.set $rows (i32.add (local.get $rows) (local.get $stride)))
        (br $row))))

  ;; $y = $x $wᵀ + $b: x [$rows, $inner], w [$outer, $inner], y [$rows, $outer]. Four rows by two outputs at a time:
  ;; $rows is a multiple of 4, $inner of 4, $outer of 2.
  (func (export "linear")
    (param $x i32) (param $w i32) (param $b i32) (param $y i32) (param $rows i32) (param $inner i32) (param $outer i32)
    (local $r00 v128) (local $r01 v128) (local $r10 v128) (local $r11 v128)
    (local $r20 v128) (local $r21 v128) (local $r30 v128) (local $r31 v128)
    (local $x0 v128) (local $x1 v128) (local $x2 v128) (local $x3 v128) (local $w0 v128) (local $w1 v128)
    (local $x0_at i32) (local $x1_at i32) (local $x2_at i32) (local $x3_at i32)
    (local $y0_at i32) (local $y1_at i32) (local $y2_at i32) (local $y3_at i32)
    (local $row i32) (local $x_first i32) (local $out i32) (local $end i32) (local $last i32) (local $w_row i32)
    (local.set $inner (i32.shl (local.get $inner) (i32.const 2)))
    (local.set $outer (i32.shl (local.get $outer) (i32.const 2)))
    (local.set $x1_at (local.get $inner))
    (local.set $x2_at (i32.shl (local.get $inner) (i32.const 1)))
    (local.set $x3_at (i32.add (local.get $x1_at) (local.get $x2_at)))
    (local.set $y1_at (local.get $outer))
    (local.set $y2_at (i32.shl (local.get $outer) (i32.const 1)))
    (local.set $y3_at (i32.add (local.get $y1_at) (local.get $y2_at)))
    (local.set $last (i32.add (local.get $b) (local.get $outer)))
    (loop $pair ;; of outputs: their weights are read once for all rows
      (local.set $row (i32.const 0))
      (local.set $x_first (local.get $x))
      (local.set $out (local.get $y))
      (loop $quad ;; of rows
        (local.set $x (local.get $x_first))
        (local.set $w_row (local.get $w))
        (local.set $end (i32.add (local.get $w) (local.get $inner)))
        (local.set $r00 (v128.const f32x4 0 0 0 0))
        (local.set $r01 (v128.const f32x4 0 0 0 0))
        (local.set $r10 (v128.const f32x4 0 0 0 0))
        (local.set $r11 (v128.const f32x4 0 0 0 0))
        (local.set $r20 (v128.const f32x4 0 0 0 0))
        (local.set $r21 (v128.const f32x4 0 0 0 0))
        (local.set $r30 (v128.const f32x4 0 0 0 0))
        (local.set $r31 (v128.const f32x4 0 0 0 0))
        (loop $four ;; products at a time
          (local.set $w0 (v128.load (local.get $w_row)))
          (local.set $w1 (v128.load (i32.add (local.get $w_row) (local.get $inner))))
          (local.set $x0 (v128.load (i32.add (local.get $x) (local.get $x0_at))))
          (local.set $x1 (v128.load (i32.add (local.get $x) (local.get $x1_at))))
          (local.set $x2 (v128.load (i32.add (local.get $x) (local.get $x2_at))))
          (local.set $x3 (v128.load (i32.add (local.get $x) (local.get $x3_at))))
          (local.set $r00 (f32x4.add (local.get $r00) (f32x4.mul (local.get $x0) (local.get $w0))))
          (local.set $r01 (f32x4.add (local.get $r01) (f32x4.mul (local.get $x0) (local.get $w1))))
          (local.set $r10 (f32x4.add (local.get $r10) (f32x4.mul (local.get $x1) (local.get $w0))))
          (local.set $r11 (f32x4.add (local.get $r11) (f32x4.mul (local.get $x1) (local.get $w1))))
          (local.set $r20 (f32x4.add (local.get $r20) (f32x4.mul (local.get $x2) (local.get $w0))))
          (local.set $r21 (f32x4.add (local.get $r21) (f32x4.mul (local.get $x2) (local.get $w1))))
          (local.set $r30 (f32x4.add (local.get $r30) (f32x4.mul (local.get $x3) (local.get $w0))))
          (local.set $r31 (f32x4.add (local.get $r31) (f32x4.mul (local.get $x3) (local.get $w1))))
          (local.set $x (i32.add (local.get $x) (i32.const 16)))
          (local.set $w_row (i32.add (local.get $w_row) (i32.const 16)))
          (br_if $four (i32.lt_u (local.get $w_row) (local.get $end))))
        (f32.store offset=0 (i32.add (local.get $out) (local.get $y0_at))
          (f32.add (call $sum (local.get $r00)) (f32.load offset=0 (local.get $b))))
        (f32.store offset=4 (i32.add (local.get $out) (local.get $y0_at))
          (f32.add (call $sum (local.get $r01)) (f32.load offset=4 (local.get $b))))
        (f32.store offset=0 (i32.add (local.get $out) (local.get $y1_at))
          (f32.add (call $sum (local.get $r10)) (f32.load offset=0 (local.get $b))))
        (f32.store offset=4 (i32.add (local.get $out) (local.get $y1_at))
          (f32.add (call $sum (local.get $r11)) (f32.load offset=4 (local.get $b))))
        (f32.store offset=0 (i32.add (local.get $out) (local.get $y2_at))
          (f32.add (call $sum (local.get $r20)) (f32.load offset=0 (local.get $b))))
        (f32.store offset=4 (i32.add (local.get $out) (local.get $y2_at))
          (f32.add (call $sum (local.get $r21)) (f32.load offset=4 (local.get $b))))
        (f32.store offset=0 (i32.add (local.get $out) (local.get $y3_at))
          (f32.add (call $sum (local.get $r30)) (f32.load offset=0 (local.get $b))))
        (f32.store offset=4 (i32.add (local.get $out) (local.get $y3_at))
          (f32.add (call $sum (local.get $r31)) (f32.load offset=4 (local.get $b))))
        (local.set $x_first (i32.add (local.get $x_first) (i32.shl (local.get $inner) (i32.const 2))))
        (local.set $out (i32.add (local.get $out) (i32.shl (local.get $outer) (i32.const 2))))
        (local.set $row (i32.add (local.get $row) (i32.const 4)))
        (br_if $quad (i32.lt_u (local.get $row) (local.get $rows))))
      ;; Back to the first row, on to the next outputs.
      (local.set $x (i32.sub (local.get $x_first) (i32.mul (local.get $rows) (local.get $inner))))
      (local.set $w (i32.add (local.get $w) (i32.shl (local.get $inner) (i32.const 1))))
      (local.set $y (i32.add (local.get $y) (i32.const 8)))
      (local.set $b (i32.add (local.get $b) (i32.const 8)))
      (br_if $pair (i32.lt_u (local.get $b) (local.get $last)))))

  ;; $y[0..$width] = the sum over $count rows of $weights[i] times $rows[i * $stride ..].
  (func (export "weigh")
    (param $weights i32) (param $rows i32) (param $y i32) (param $count i32) (param $width i32) (param $stride i32)
    (local $a v128) (local $s f32) (local $at i32) (local $i i32) (local $column i32)
    (local.set $stride (i32.shl (local.get $stride) (i32.const 2)))
    (block $done
      (loop $columns
        (br_if $done (i32.ge_u (local.get $column) (local.get $width)))
        (local.set $at (i32.add (local.get $rows) (i32.shl (local.get $column) (i32.const 2))))
        (local.set $i (i32.const 0))
        (if (i32.le_u (i32.add (local.get $column) (i32.const 4)) (local.get $width))
          (then
            (local.set $a (v128.const f32x4 0 0 0 0))
            (block $end
              (loop $row
                (br_if $end (i32.ge_u (local.get $i) (local.get $count)))
                (local.set $a (f32x4.add (local.get $a) (f32x4.mul
                  (v128.load (local.get $at))
                  (v128.load32_splat (i32.add (local.get $weights) (i32.shl (local.get $i) (i32.const 2)))))))
                (local.set $at (i32.add (local.get $at) (local.get $stride)))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br $row)))
            (v128.store (i32.add (local.get $y) (i32.shl (local.get $column) (i32.const 2))) (local.get $a))
            (local.set $column (i32.add (local.get $column) (i32.const 4))))
          (else
            (local.set $s (f32.const 0))
            (block $end
              (loop $row
                (br_if $end (i32.ge_u (local.get $i) (local.get $count)))
                (local.set $s (f32.add (local.get $s) (f32.mul
                  (f32.load (local.get $at))
                  (f32.load (i32.add (local.get $weights) (i32.shl (local.get $i) (i32.const 2)))))))
                (local.set $at (i32.add (local.get $at) (local.get $stride)))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br $row)))
            (f32.store (i32.add (local.get $y) (i32.shl (local.get $column) (i32.const 2))) (local.get $s))
            (local.set $column (i32.add (local.get $column) (i32.const 1)))))
        (br $columns))))

  ;; e^x of each lane, within 3e-7 of its value: e^x = 2^n e^r, |r| <= ln 2 / 2, e^r by the polynomial of Cephes' expf.
  (func $exp (param $x v128) (result v128)
    (local $n v128) (local $p v128)
    (local.set $x (f32x4.max (f32x4.min (local.get $x) (f32x4.splat (f32.const 88))) (f32x4.splat (f32.const -87))))
    (local.set $n (f32x4.nearest (f32x4.mul (local.get $x) (f32x4.splat (f32.const 1.44269504)))))
    ;; ln 2 in two parts, so that r keeps its last bits.
    (local.set $x (f32x4.sub (local.get $x) (f32x4.mul (local.get $n) (f32x4.splat (f32.const 0.693359375)))))
    (local.set $x (f32x4.add (local.get $x) (f32x4.mul (local.get $n) (f32x4.splat (f32.const 2.12194440e-4)))))
    (local.set $p (f32x4.splat (f32.const 1.9875691500e-4)))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $x)) (f32x4.splat (f32.const 1.3981999507e-3))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $x)) (f32x4.splat (f32.const 8.3334519073e-3))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $x)) (f32x4.splat (f32.const 4.1665795894e-2))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $x)) (f32x4.splat (f32.const 1.6666665459e-1))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $x)) (f32x4.splat (f32.const 5.0000001201e-1))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (f32x4.mul (local.get $x) (local.get $x))) (local.get $x)))
    (f32x4.mul
      (f32x4.add (local.get $p) (f32x4.splat (f32.const 1)))
      (i32x4.shl (i32x4.add (i32x4.trunc_sat_f32x4_s (local.get $n)) (i32x4.splat (i32.const 127))) (i32.const 23))))

  ;; $x[i] = $x[i] / (1 + e^-$x[i]); $count is a multiple of 4.
  (func (export "silu") (param $x i32) (param $count i32)
    (local $end i32) (local $v v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $four
        (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
        (local.set $v (v128.load (local.get $x)))
        (v128.store (local.get $x) (f32x4.div (local.get $v)
          (f32x4.add (f32x4.splat (f32.const 1)) (call $exp (f32x4.neg (local.get $v))))))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (br $four))))

  ;; $x[i] = e^($x[i] - $maximum), and their sum; $count is a multiple of 4.
  (func (export "exponentials") (param $x i32) (param $count i32) (param $maximum f32) (result f32)
    (local $end i32) (local $v v128) (local $total v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $four
        (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
        (local.set $v (call $exp (f32x4.sub (v128.load (local.get $x)) (f32x4.splat (local.get $maximum)))))
        (v128.store (local.get $x) (local.get $v))
        (local.set $total (f32x4.add (local.get $total) (local.get $v)))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (br $four)))
    (call $sum (local.get $total))))
