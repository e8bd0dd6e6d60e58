;; Dot products of one query with rows: the hot loop of search. `npm run build:simd` makes dot.ts of it.
(module
  (memory (export "memory") 17)
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
        (br $row)))))
