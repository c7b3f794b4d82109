//! Classes of words that stand between the same words: the exchange algorithm on bigrams of classes
//! (Martin, Liermann and Ney, 1998). What `Lollipop` and `Nougat` have in common is learnt from plain
//! text, so that taggers know words that no labelled text has. Deterministic.

use std::collections::HashMap;

use tocsin_analysis::entity::words::{Cut, words};

/// How many classes there are; 0 is for words that are too rare to have one.
pub const CLASSES: usize = 200;
const MOST_WORDS: usize = 16_000;
const LEAST: u32 = 4;
const PASSES: usize = 6;

/// A word in lower case with each run of digits made `0`: what classes are learnt of.
pub fn normal(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut was_digit = false;
    for c in word.chars() {
        if c.is_ascii_digit() {
            if !was_digit {
                out.push('0');
            }
            was_digit = true;
        } else {
            was_digit = false;
            out.extend(c.to_lowercase().next());
        }
    }
    out
}

/// Learns classes: words with the number of their class, from 1.
pub fn learn(texts: &[String]) -> Vec<(String, u16)> {
    let cut: Vec<Vec<String>> = texts
        .iter()
        .map(|t| {
            let words = words(t, Cut::Fine, usize::MAX);
            words.iter().map(|w| normal(w.of(t))).collect()
        })
        .collect();
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for word in cut.iter().flatten() {
        *counts.entry(word).or_default() += 1;
    }
    let mut known: Vec<(&str, u32)> = counts.into_iter().filter(|(_, n)| *n >= LEAST).collect();
    known.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    known.truncate(MOST_WORDS);
    let rare = known.len() as u32;
    let places: HashMap<&str, u32> = known.iter().map(|(w, _)| *w).zip(0..).collect();
    let mut pairs: HashMap<(u32, u32), i64> = HashMap::new();
    for text in &cut {
        let mut before = rare;
        for word in text {
            let place = places.get(word.as_str()).copied().unwrap_or(rare);
            *pairs.entry((before, place)).or_default() += 1;
            before = place;
        }
    }
    let mut pairs: Vec<((u32, u32), i64)> = pairs.into_iter().collect();
    pairs.sort_unstable();
    let mut exchange = Exchange::new(known.len(), &pairs);
    for _ in 0..PASSES {
        if exchange.pass() * 100 < known.len() {
            break;
        }
    }
    known
        .iter()
        .zip(&exchange.class)
        .map(|((word, _), class)| ((*word).to_string(), *class as u16 + 1))
        .collect()
}

/// Counts of pairs of classes while words are exchanged. The last class is the rare words'.
struct Exchange {
    class: Vec<usize>,
    left: Vec<Vec<(u32, i64)>>,
    right: Vec<Vec<(u32, i64)>>,
    twins: Vec<i64>,
    ends: Vec<i64>,
    begins: Vec<i64>,
    pairs: Vec<i64>,
    class_ends: Vec<i64>,
    class_begins: Vec<i64>,
    logs: Vec<f64>,
}

const WIDTH: usize = CLASSES + 1;

impl Exchange {
    fn new(words: usize, pairs: &[((u32, u32), i64)]) -> Self {
        let all = words + 1;
        let mut made = Self {
            class: (0..words).map(|w| w % CLASSES).chain([CLASSES]).collect(),
            left: vec![Vec::new(); all],
            right: vec![Vec::new(); all],
            twins: vec![0; all],
            ends: vec![0; all],
            begins: vec![0; all],
            pairs: vec![0; WIDTH * WIDTH],
            class_ends: vec![0; WIDTH],
            class_begins: vec![0; WIDTH],
            logs: (0..1u32 << 20)
                .map(|n| f64::from(n) * f64::from(n.max(1)).ln())
                .collect(),
        };
        for &((a, b), n) in pairs {
            let (left, right) = (a as usize, b as usize);
            made.ends[right] += n;
            made.begins[left] += n;
            if a == b {
                made.twins[left] = n;
            } else {
                made.right[left].push((b, n));
                made.left[right].push((a, n));
            }
            made.pairs[made.class[left] * WIDTH + made.class[right]] += n;
            made.class_ends[made.class[right]] += n;
            made.class_begins[made.class[left]] += n;
        }
        made
    }

    /// Moves each word to the class that says most of its neighbours; how many moved.
    fn pass(&mut self) -> usize {
        let mut moved = 0;
        for word in 0..self.class.len() - 1 {
            let old = self.class[word];
            let left = self.by_class(&self.left[word]);
            let right = self.by_class(&self.right[word]);
            self.put(word, old, &left, &right, -1);
            let mut best = (f64::MIN, old);
            for class in 0..CLASSES {
                let gain = self.gain(word, class, &left, &right);
                if gain > best.0 + 1e-9 {
                    best = (gain, class);
                }
            }
            self.put(word, best.1, &left, &right, 1);
            self.class[word] = best.1;
            moved += usize::from(best.1 != old);
        }
        moved
    }

    fn by_class(&self, neighbours: &[(u32, i64)]) -> Vec<(usize, i64)> {
        let mut counts = vec![0; WIDTH];
        for (word, n) in neighbours {
            counts[self.class[*word as usize]] += n;
        }
        counts.into_iter().enumerate().filter(|(_, n)| *n > 0).collect()
    }

    fn put(
        &mut self,
        word: usize,
        class: usize,
        left: &[(usize, i64)],
        right: &[(usize, i64)],
        sign: i64,
    ) {
        for (c, n) in left {
            self.pairs[c * WIDTH + class] += sign * n;
        }
        for (c, n) in right {
            self.pairs[class * WIDTH + c] += sign * n;
        }
        self.pairs[class * WIDTH + class] += sign * self.twins[word];
        self.class_ends[class] += sign * self.ends[word];
        self.class_begins[class] += sign * self.begins[word];
    }

    /// How much the likelihood of all pairs grows when a word joins a class.
    fn gain(
        &self,
        word: usize,
        class: usize,
        left: &[(usize, i64)],
        right: &[(usize, i64)],
    ) -> f64 {
        let more = |now: i64, n: i64| self.log(now + n) - self.log(now);
        let mut twins = self.twins[word];
        let mut sum = 0.0;
        for &(c, n) in left {
            if c == class {
                twins += n;
            } else {
                sum += more(self.pairs[c * WIDTH + class], n);
            }
        }
        for &(c, n) in right {
            if c == class {
                twins += n;
            } else {
                sum += more(self.pairs[class * WIDTH + c], n);
            }
        }
        sum + more(self.pairs[class * WIDTH + class], twins)
            - more(self.class_ends[class], self.ends[word])
            - more(self.class_begins[class], self.begins[word])
    }

    fn log(&self, n: i64) -> f64 {
        let at = usize::try_from(n).unwrap_or(0);
        self.logs
            .get(at)
            .copied()
            .unwrap_or_else(|| n as f64 * (n as f64).ln())
    }
}
