//! Phrases that part a description, all looked for in one pass over it: a title asks for some two
//! hundred of them, and one search each would cost more than all the rest of an ingest.

/// `markers![" in ", " of "]`: a list of phrases as [`Markers`].
macro_rules! markers {
    ($($phrase:literal),+ $(,)?) => {
        const { &$crate::normalise::title::markers::Markers::new(&[$($phrase),+]) }
    };
}
pub(super) use markers;

/// A list of phrases, made ready when Tocsin is compiled.
pub(super) struct Markers {
    phrases: &'static [&'static str],
    /// By the low six bits of a byte: the phrases that may begin with it, one bit each.
    first: [u64; 64],
    /// The same for the second byte; a phrase of one byte is in all of them.
    second: [u64; 64],
}

impl Markers {
    /// At most 64 phrases, none empty: more do not compile where this makes a constant.
    pub(super) const fn new(phrases: &'static [&'static str]) -> Self {
        assert!(phrases.len() <= 64);
        let (mut first, mut second) = ([0; 64], [0; 64]);
        let mut i = 0;
        while i < phrases.len() {
            let bytes = phrases[i].as_bytes();
            first[low_bits(bytes[0])] |= 1 << i;
            let mut byte = 0;
            while byte < 64 {
                if bytes.len() == 1 || low_bits(bytes[1]) == byte {
                    second[byte] |= 1 << i;
                }
                byte += 1;
            }
            i += 1;
        }
        Self {
            phrases,
            first,
            second,
        }
    }

    /// The earliest of the phrases, of several at one place the longest: where, and which.
    pub(super) fn find(&self, text: &str) -> Option<(usize, &'static str)> {
        let text = text.as_bytes();
        (0..text.len()).find_map(|at| {
            // At most places none can begin.
            let candidates = self.candidates(text, at);
            if candidates == 0 {
                return None;
            }
            Some((at, self.longest(candidates, &text[at..])?))
        })
    }

    /// Where the last of the phrases begins.
    pub(super) fn rfind(&self, text: &str) -> Option<usize> {
        let text = text.as_bytes();
        (0..text.len()).rev().find(|at| {
            let candidates = self.candidates(text, *at);
            candidates != 0 && self.longest(candidates, &text[*at..]).is_some()
        })
    }

    /// The phrases that may begin at a place, by its two bytes.
    #[inline]
    fn candidates(&self, text: &[u8], at: usize) -> u64 {
        let second = text
            .get(at + 1)
            .map_or(u64::MAX, |b| self.second[low_bits(*b)]);
        self.first[low_bits(text[at])] & second
    }

    /// The longest of some phrases with which a text begins.
    fn longest(&self, mut candidates: u64, text: &[u8]) -> Option<&'static str> {
        let mut longest: Option<&str> = None;
        while candidates != 0 {
            let phrase = self.phrases[candidates.trailing_zeros() as usize];
            if longest.is_none_or(|l| l.len() < phrase.len()) && text.starts_with(phrase.as_bytes())
            {
                longest = Some(phrase);
            }
            candidates &= candidates - 1;
        }
        longest
    }
}

const fn low_bits(byte: u8) -> usize {
    (byte & 63) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    static MARKERS: Markers = Markers::new(&[" in ", " in the ", ":", " – ", ", ", "aa"]);

    #[test]
    fn the_earliest_phrase_is_found_and_the_longest_of_one_place() {
        for (text, first, last) in [
            ("", None, None),
            ("nothing", None, None),
            (" in", None, None),
            ("flaw in X in the Y", Some((4, " in ")), Some(9)),
            ("flaw in the X", Some((4, " in the ")), Some(4)),
            ("é – a, b:", Some((2, " – ")), Some(11)),
            (":", Some((0, ":")), Some(0)),
            ("baaa", Some((1, "aa")), Some(2)),
            ("a`in b", None, None),
        ] {
            assert_eq!(MARKERS.find(text), first, "{text}");
            assert_eq!(MARKERS.rfind(text), last, "{text}");
        }
    }
}
