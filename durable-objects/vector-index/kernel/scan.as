// The inner loops of the vector index, in AssemblyScript: no allocation, no import, no runtime. Everything works on addresses
// that kernel.ts hands in; widths are multiples of 16 bytes and the padding is zero.

// The best entries of one scan: a heap with the worst at its root, 16 bytes a place (key f64, estimate f32, margin f32).
let heapAt: usize = 0;
let heapRoom: i32 = 0;
let heapSize: i32 = 0;

// What `prepare` found out about the query as it is seen from one centroid.
let low: f32 = 0;
let delta: f32 = 0;
let total: f32 = 0;
let norm: f32 = 0;

/** Forgets the last scan; the next one keeps the best `room` entries. */
export function begin(at: usize, room: i32): void {
  heapAt = at;
  heapRoom = room;
  heapSize = 0;
}

/** How many entries were kept. */
export function kept(): i32 {
  return heapSize;
}

/** Splits the query, less the centroid, into four bit planes of `width` bytes; its bits are where the codes' bits are. */
export function prepare(query: usize, centroid: usize, dimensions: i32, shifted: usize, planes: usize, width: i32): void {
  let least: f32 = f32.MAX_VALUE;
  let most: f32 = -f32.MAX_VALUE;
  let sum: f32 = 0;
  let squares: f32 = 0;
  for (let i = 0; i < dimensions; i++) {
    let value = load<f32>(query + ((<usize>i) << 2));
    if (centroid != 0) value -= load<f32>(centroid + ((<usize>i) << 2));
    store<f32>(shifted + ((<usize>i) << 2), value);
    least = min(least, value);
    most = max(most, value);
    sum += value;
    squares += value * value;
  }
  low = least;
  delta = (most - least) / 15;
  total = sum;
  norm = sqrt<f32>(squares);
  const inverse: f32 = delta > 0 ? 1 / delta : 0;
  memory.fill(planes, 0, (<usize>width) * 4);
  for (let i = 0; i < dimensions; i++) {
    const level = <i32>nearest<f32>((load<f32>(shifted + ((<usize>i) << 2)) - least) * inverse);
    const at = planes + <usize>(i >> 3);
    const bit = <u8>(<i32>1 << (i & 7));
    if (level & 1) store<u8>(at, load<u8>(at) | bit);
    if (level & 2) store<u8>(at + <usize>width, load<u8>(at + <usize>width) | bit);
    if (level & 4) store<u8>(at + <usize>width * 2, load<u8>(at + <usize>width * 2) | bit);
    if (level & 8) store<u8>(at + <usize>width * 3, load<u8>(at + <usize>width * 3) | bit);
  }
}

// The sum of 16 unsigned bytes in each of two vectors at once would save little: a code has few steps.
// @ts-ignore: decorator
@inline
function sumOf(bytes: v128): i32 {
  const pairs = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
  const halves = i32x4.add(pairs, i8x16.shuffle(pairs, pairs, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1);
}

/**
 * Estimates the similarity of every entry of a packed block and keeps the best. A block is keys f64[n], then of each entry the
 * factor f32[n] and the share of its centroid f32[n], then the codes. `mask` holds a byte for each entry, or is 0.
 */
export function scan(block: usize, count: i32, width: i32, planes: usize, base: f32, slack: f32, mask: usize): void {
  const factors = block + ((<usize>count) << 3);
  const shares = factors + ((<usize>count) << 2);
  const codes = shares + ((<usize>count) << 2);
  const second = planes + <usize>width;
  const third = second + <usize>width;
  const fourth = third + <usize>width;
  for (let entry = 0; entry < count; entry++) {
    if (mask != 0 && load<u8>(mask + <usize>entry) == 0) continue;
    const code = codes + <usize>entry * <usize>width;
    let ones = 0;
    let weighted = 0;
    // A byte counts at most 8 a step: 31 steps fit.
    for (let from: usize = 0; from < <usize>width; from += 496) {
      const until = min<usize>(from + 496, <usize>width);
      let a = i8x16.splat(0);
      let b = i8x16.splat(0);
      let c = i8x16.splat(0);
      let d = i8x16.splat(0);
      let all = i8x16.splat(0);
      for (let at = from; at < until; at += 16) {
        const bits = v128.load(code + at);
        all = i8x16.add(all, i8x16.popcnt(bits));
        a = i8x16.add(a, i8x16.popcnt(v128.and(bits, v128.load(planes + at))));
        b = i8x16.add(b, i8x16.popcnt(v128.and(bits, v128.load(second + at))));
        c = i8x16.add(c, i8x16.popcnt(v128.and(bits, v128.load(third + at))));
        d = i8x16.add(d, i8x16.popcnt(v128.and(bits, v128.load(fourth + at))));
      }
      ones += sumOf(all);
      weighted += sumOf(a) + (sumOf(b) << 1) + (sumOf(c) << 2) + (sumOf(d) << 3);
    }
    const factor = load<f32>(factors + ((<usize>entry) << 2));
    const along: f32 = 2 * (low * <f32>ones + delta * <f32>weighted) - total;
    const estimate: f32 = base + load<f32>(shares + ((<usize>entry) << 2)) + factor * along;
    keep(load<f64>(block + ((<usize>entry) << 3)), estimate, slack * norm * factor);
  }
}

function keep(key: f64, estimate: f32, margin: f32): void {
  if (heapSize < heapRoom) {
    let place = heapSize++;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heapAt + ((<usize>parent) << 4);
      if (load<f32>(above, 8) <= estimate) break;
      v128.store(heapAt + ((<usize>place) << 4), v128.load(above));
      place = parent;
    }
    put(place, key, estimate, margin);
    return;
  }
  if (heapRoom == 0 || !(estimate > load<f32>(heapAt, 8))) return;
  let place = 0;
  for (;;) {
    let child = (place << 1) + 1;
    if (child >= heapSize) break;
    let below = heapAt + ((<usize>child) << 4);
    if (child + 1 < heapSize && load<f32>(below, 24) < load<f32>(below, 8)) {
      child += 1;
      below += 16;
    }
    if (load<f32>(below, 8) >= estimate) break;
    v128.store(heapAt + ((<usize>place) << 4), v128.load(below));
    place = child;
  }
  put(place, key, estimate, margin);
}

function put(place: i32, key: f64, estimate: f32, margin: f32): void {
  const at = heapAt + ((<usize>place) << 4);
  store<f64>(at, key);
  store<f32>(at, estimate, 8);
  store<f32>(at, margin, 12);
}

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, width: i32): i32 {
  let sum = i32x4.splat(0);
  for (let at: usize = 0; at < <usize>width; at += 16) {
    const low = i32x4.dot_i16x8_s(v128.load_ext<i8>(a + at), v128.load_ext<i8>(b + at));
    const high = i32x4.dot_i16x8_s(v128.load_ext<i8>(a + at, 8), v128.load_ext<i8>(b + at, 8));
    sum = i32x4.add(sum, i32x4.add(low, high));
  }
  return i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
}

/** The products of one query in int16 with `count` int8 rows that lie `stride` bytes apart, as i32. */
export function products(query: usize, rows: usize, count: i32, stride: i32, width: i32, out: usize): void {
  for (let i = 0; i < count; i++) {
    const row = rows + <usize>i * <usize>stride;
    let sum = i32x4.splat(0);
    for (let at: usize = 0; at < <usize>width; at += 16) {
      const low = i32x4.dot_i16x8_s(v128.load(query + at * 2), v128.load_ext<i8>(row + at));
      const high = i32x4.dot_i16x8_s(v128.load(query + at * 2, 16), v128.load_ext<i8>(row + at, 8));
      sum = i32x4.add(sum, i32x4.add(low, high));
    }
    store<i32>(
      out + ((<usize>i) << 2),
      i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3),
    );
  }
}

/**
 * The nearest centroid of each of `count` rows (their scale f32, then int8, `stride` bytes apart). Nearness is the product less
 * the centroid's bias. Where `prefix` is less than the width, the first `prefix` dimensions (with the bias that they have, in
 * `rough`) choose the best few centroids, which are then compared in full: after the rotation any dimensions stand for all.
 */
export function assign(rows: usize, count: i32, stride: i32, width: i32, prefix: i32, centroids: usize, partitions: i32, scales: usize, biases: usize, rough: usize, few: i32, list: usize, out: usize): void {
  const stretch: f32 = <f32>width / <f32>prefix;
  for (let i = 0; i < count; i++) {
    const row = rows + <usize>i * <usize>stride;
    const scale = load<f32>(row);
    let best = -1;
    let most: f32 = -f32.MAX_VALUE;
    if (prefix >= width) {
      for (let c = 0; c < partitions; c++) {
        const product = <f32>dot(row + 4, centroids + <usize>c * <usize>width, width);
        const nearness: f32 = scale * load<f32>(scales + ((<usize>c) << 2)) * product - load<f32>(biases + ((<usize>c) << 2));
        if (nearness > most) {
          most = nearness;
          best = c;
        }
      }
    } else {
      // The list is sorted, the best first: 8 bytes a place (centroid i32, nearness f32).
      let listed = 0;
      for (let c = 0; c < partitions; c++) {
        const product = <f32>dot(row + 4, centroids + <usize>c * <usize>width, prefix) * stretch;
        const nearness: f32 = scale * load<f32>(scales + ((<usize>c) << 2)) * product - load<f32>(rough + ((<usize>c) << 2));
        if (listed == few && nearness <= load<f32>(list + ((<usize>(few - 1)) << 3), 4)) continue;
        let place = listed < few ? listed++ : few - 1;
        while (place > 0 && load<f32>(list + ((<usize>(place - 1)) << 3), 4) < nearness) {
          store<u64>(list + ((<usize>place) << 3), load<u64>(list + ((<usize>(place - 1)) << 3)));
          place -= 1;
        }
        store<i32>(list + ((<usize>place) << 3), c);
        store<f32>(list + ((<usize>place) << 3), nearness, 4);
      }
      for (let place = 0; place < listed; place++) {
        const c = load<i32>(list + ((<usize>place) << 3));
        const product = <f32>dot(row + 4, centroids + <usize>c * <usize>width, width);
        const nearness: f32 = scale * load<f32>(scales + ((<usize>c) << 2)) * product - load<f32>(biases + ((<usize>c) << 2));
        if (nearness > most) {
          most = nearness;
          best = c;
        }
      }
    }
    store<i32>(out + ((<usize>i) << 2), best);
  }
}
