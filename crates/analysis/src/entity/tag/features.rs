//! Which features the taggers read at a word: hashes of what is seen there and around it. The numbers
//! of the templates are in model files.

use super::hash::mix;
use super::observe::{MARK, Seen};

/// Hands the hash of each feature of the word at `at` to `emit`.
pub fn features(seen: &[Seen], at: usize, mut emit: impl FnMut(u64)) {
    let edge = Seen::default();
    let see = |back: isize| -> &Seen {
        at.checked_add_signed(back)
            .and_then(|i| seen.get(i))
            .unwrap_or(&edge)
    };
    let mut put = |template: u64, value: u64| emit(mix(value, template.wrapping_mul(0xa076_1d64_78bd_642f)));
    let s = see(0);
    let (a, b, y, z) = (see(-2), see(-1), see(1), see(2));
    put(1, 1);
    put(2, s.exact);
    put(3, s.lower);
    put(4, s.norm);
    put(5, b.norm);
    put(6, y.norm);
    put(7, a.norm);
    put(8, z.norm);
    put(9, see(-3).norm);
    put(10, see(3).norm);
    put(11, mix(b.norm, s.norm));
    put(12, mix(s.norm, y.norm));
    put(13, mix(a.norm, b.norm));
    put(14, mix(y.norm, z.norm));
    put(15, mix(b.norm, y.norm));
    put(16, s.shape);
    put(17, s.brief);
    put(18, b.brief);
    put(19, y.brief);
    put(20, mix(b.brief, s.brief));
    put(21, mix(s.brief, y.brief));
    put(22, mix(mix(b.brief, s.brief), y.brief));
    put(23, mix(mix(a.norm, b.norm), s.brief));
    put(24, mix(mix(y.norm, z.norm), s.brief));
    put(25, mix(b.norm, s.brief));
    put(26, mix(y.norm, s.brief));
    for k in 0..3 {
        if s.prefix[k] != 0 {
            put(27 + k as u64, s.prefix[k]);
            put(30 + k as u64, s.suffix[k]);
        }
    }
    put(33, b.suffix[1]);
    put(34, y.suffix[1]);
    put(35, u64::from(s.gap) * 64 + u64::from(b.class & MARK) + u64::from(y.gap) * 4);
    put(36, mix(mix(see(-3).norm, a.norm), b.norm));
    put(37, mix(mix(y.norm, z.norm), see(3).norm));
    // lists
    let lists = pack(s);
    if lists != 0 {
        for (k, l) in s.lists.iter().enumerate() {
            if *l != 0 {
                put(40 + k as u64, u64::from(*l));
                put(46 + k as u64, mix(u64::from(*l), s.brief));
            }
        }
    }
    put(51, lists);
    put(52, mix(pack(b), 1 + lists));
    put(53, mix(pack(y), 1 + lists));
    put(54, mix(mix(pack(b), pack(y)), lists));
    // runs of names
    let run = s.run;
    let (from, to) = (run.0 as usize, run.1 as usize);
    let place = u64::from(at == from) + 2 * u64::from(at == to);
    let before = from.checked_sub(1).and_then(|i| seen.get(i)).unwrap_or(&edge);
    let after = seen.get(to + 1).unwrap_or(&edge);
    let long = (to - from).min(5) as u64;
    if to > from {
        put(60, mix(before.norm, place));
        put(61, mix(after.norm, place));
        put(62, mix(mix(before.norm, after.norm), place));
        put(63, mix(seen[to].lower, place));
        put(64, mix(seen[from].lower, place));
        put(65, long * 4 + place);
        let after2 = seen.get(to + 2).unwrap_or(&edge);
        put(66, mix(mix(after.norm, after2.norm), place));
        let before2 = from.checked_sub(2).and_then(|i| seen.get(i)).unwrap_or(&edge);
        put(67, mix(mix(before2.norm, before.norm), place));
    }
    // where
    put(70, mix((at.min(4)) as u64, s.brief));
    put(71, mix(from.min(4) as u64, place));
    put(72, mix(u64::from(s.anchor), s.brief));
    put(73, mix(mix(u64::from(s.anchor), s.brief), y.norm));
    if s.class & MARK == 0 {
        put(74, mix(u64::from(s.count.min(5)), s.brief));
    }
    let first = s.first as usize;
    if first != at && s.class & MARK == 0 {
        let f = &seen[first];
        let fb = first.checked_sub(1).and_then(|i| seen.get(i)).unwrap_or(&edge);
        let fy = seen.get(first + 1).unwrap_or(&edge);
        put(75, mix(fb.norm, s.brief));
        put(76, mix(fy.norm, s.brief));
        let (from, to) = (f.run.0 as usize, f.run.1 as usize);
        let fplace = u64::from(first == from) + 2 * u64::from(first == to);
        let before = from.checked_sub(1).and_then(|i| seen.get(i)).unwrap_or(&edge);
        let after = seen.get(to + 1).unwrap_or(&edge);
        put(77, mix(before.norm, fplace));
        put(78, mix(after.norm, fplace));
        put(79, mix(u64::from(first.min(4) as u8), s.brief));
        put(80, mix(pack(f), 7));
    }
    // classes of words
    let c = |s: &Seen| u64::from(s.cluster);
    if s.cluster != 0 {
        put(81, c(s));
        put(82, mix(c(b), c(s)));
        put(83, mix(c(s), c(y)));
    }
    put(84, c(b));
    put(85, c(y));
    put(86, c(a));
    put(87, c(z));
    put(88, mix(c(a), c(b)));
    put(89, mix(c(y), c(z)));
    put(90, mix(c(b), c(y)));
}

fn pack(s: &Seen) -> u64 {
    s.lists.iter().fold(0, |sum, l| sum * 17 + u64::from(*l))
}
