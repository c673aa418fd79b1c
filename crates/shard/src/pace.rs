//! Pace: slows writing down, little by little, while merging cannot keep up with it.
//!
//! New sorted files gather in L0 until they are merged. When L0 is full the engine takes nothing more
//! until a merge has ended, which is seconds on a busy machine. So from half of that on each group
//! waits a little, the longer the fuller L0 is: many short waits instead of one long one.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crate::settings::L0_FILES;

/// Files in L0 from which on writing is slowed down: twice what bursts leave there where merging
/// keeps up.
const SLOW_FROM: usize = L0_FILES / 2;

/// What may be written in a second when L0 begins to fill: more than a disk takes.
const FULL_SPEED: f64 = 200e6;

/// The longest that one group waits: far from what anybody takes for a stall.
const LONGEST: Duration = Duration::from_millis(250);

/// How full L0 is. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Pace(Arc<AtomicUsize>);

impl Pace {
    /// So many files are in L0 now.
    pub(crate) fn set(&self, l0_files: usize) {
        self.0.store(l0_files, Relaxed);
    }

    /// How long to wait after a group of that many bytes; `None` for not at all.
    pub(crate) fn wait(&self, bytes: usize) -> Option<Duration> {
        let files = self.0.load(Relaxed);
        (files > SLOW_FROM).then(|| wait(files, bytes))
    }
}

fn wait(files: usize, bytes: usize) -> Duration {
    let room = L0_FILES.saturating_sub(files) as f64 / (L0_FILES - SLOW_FROM) as f64;
    // The fourth power: with a quarter of the room left, less than 1 MB/s, which any merge outruns.
    let speed = FULL_SPEED * room.powi(4);
    let seconds = (bytes as f64 / speed).min(LONGEST.as_secs_f64());
    Duration::from_secs_f64(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fuller_the_slower() {
        let pace = Pace::default();
        assert_eq!(pace.wait(1 << 20), None);
        let mut last = Duration::ZERO;
        for files in SLOW_FROM + 1..L0_FILES + 9 {
            pace.set(files);
            let wait = pace.wait(64 << 10).expect("it is slowed down");
            assert!(wait >= last && wait <= LONGEST, "{files}: {wait:?}");
            last = wait;
        }
        assert_eq!(last, LONGEST);
        pace.set(SLOW_FROM);
        assert_eq!(pace.wait(1 << 20), None);
    }
}
