//! Chance, from a seed for long runs or from a tape that proptest can shrink.

/// A run of draws. The draw 0 is always the plainest choice, so a shorter or smaller tape makes a plainer case.
#[derive(Debug, Clone)]
pub enum Dice {
    Seed(u64),
    Tape(std::vec::IntoIter<u16>),
}

impl Dice {
    pub fn seeded(seed: u64) -> Self {
        Dice::Seed(seed)
    }

    pub fn tape(draws: Vec<u16>) -> Self {
        Dice::Tape(draws.into_iter())
    }

    fn draw(&mut self) -> u16 {
        match self {
            Dice::Tape(draws) => draws.next().unwrap_or(0),
            // SplitMix64 (Steele, Lea, Flood 2014): any seed is a good seed.
            Dice::Seed(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut mixed = *state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                ((mixed ^ (mixed >> 31)) >> 48) as u16
            }
        }
    }

    /// A number from 0 up to, but not including, `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (usize::from(self.draw()) * end) >> 16
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) >= 100 - chance
    }

    pub fn pick<T: Copy>(&mut self, pool: &[T]) -> T {
        pool[self.below(pool.len())]
    }

    pub fn maybe<T>(&mut self, chance: usize, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.percent(chance).then(|| make(self))
    }

    /// Some members of a pool in its order, perhaps none.
    pub fn some_of<T: Copy>(&mut self, pool: &[T], chance: usize) -> Vec<T> {
        pool.iter().copied().filter(|_| self.percent(chance)).collect()
    }
}
