//! The same numbers for the same seed in every run, so that a failure can be seen again.

/// A generator of numbers (SplitMix64, by Steele, Lea and Flood).
#[derive(Debug, Clone, Default)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`; 0 where there are none.
    pub(crate) fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        mixed.checked_rem(sides).unwrap_or(0)
    }

    /// One of these, so many times in a hundred; else none.
    pub(crate) fn pick<'a, T>(&mut self, percent: u8, of: &'a [T]) -> Option<&'a T> {
        let falls = self.below(100) < u64::from(percent);
        let at = self.below(of.len() as u64);
        usize::try_from(at)
            .ok()
            .filter(|_| falls)
            .and_then(|at| of.get(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_fails_at_the_same_places_about_as_often_as_asked() {
        let run = |seed| {
            let mut dice = Dice::new(seed);
            let rolls = (0..10_000).map(|_| dice.pick(30, &['a', 'b']).copied());
            rolls.collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let count = |what| run(3).iter().filter(|roll| **roll == what).count();
        assert!((6_800..7_200).contains(&count(None)), "{}", count(None));
        assert!(
            (1_300..1_700).contains(&count(Some('a'))),
            "{}",
            count(Some('a'))
        );
        assert_eq!(Dice::new(1).pick::<u8>(100, &[]), None);
    }
}
