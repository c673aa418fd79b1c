//! Turns that objects ask for, and objects that leave memory: those that rest, those that newer code does not wait
//! for, and the half of those at rest when memory is short.

use std::task::Context;
use std::time::Duration;

use deno_core::v8;

use super::{Isolate, JOBS_PER_TURN};

/// How often objects are looked for that have nothing to do.
const LOOK_FOR_RESTING: Duration = Duration::from_secs(1);

impl Isolate {
    /// Lets go of all objects, and of what waits for them, when newer code cannot wait any longer.
    pub(super) fn give_objects_up(&mut self, cx: &mut Context<'_>) {
        let status = &self.status;
        let outdated = self.outdated.get_or_insert_with(|| {
            let status = status.clone();
            Box::pin(async move { status.abandoned().await })
        });
        if outdated.as_mut().poll(cx).is_ready() {
            self.outdated = Some(Box::pin(std::future::pending()));
            self.events.instances().clear();
            self.events.fail_all(status.why_abandoned(), true);
        }
    }

    /// Gives objects the turns that they have asked for, one thing to each.
    pub(super) fn let_objects_in(&mut self, cx: &mut Context<'_>) {
        if !self.events.are_turns_wanted() {
            return;
        }
        for _ in 0..JOBS_PER_TURN {
            let Some(object) = self.events.wanting_turn() else {
                break;
            };
            call!(self, self.entry.object_turn, None, |scope| [
                v8::Integer::new_from_unsigned(scope, object).into()
            ]);
        }
        // For what they have begun, and for the others.
        cx.waker().wake_by_ref();
    }

    /// Objects that have had nothing to do for a while leave, and all that rest when the isolate ends.
    pub(super) fn let_objects_go(&mut self, cx: &mut Context<'_>) {
        if self.events.instances().is_empty() {
            return;
        }
        let next = self
            .objects_rest
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(LOOK_FOR_RESTING)));
        let is_time = next.as_mut().poll(cx).is_ready();
        let pressed = self.is_pressed();
        if !is_time && !self.draining && !pressed {
            return;
        }
        if is_time {
            self.objects_rest = None;
        }
        self.events.instances().forget_empty();
        let mut go_on = is_time;
        let mut resting = self.events.instances().resting(self.draining || pressed);
        if pressed && !self.draining {
            resting.sort_by_key(|slot| slot.rests_since());
            resting.truncate(resting.len().div_ceil(2));
        }
        let mut some_left = false;
        for slot in resting {
            if self.events.instances().try_forget(&slot) {
                call!(self, self.entry.object_evict, None, |scope| [
                    v8::Integer::new_from_unsigned(scope, slot.number).into()
                ]);
                some_left = true;
            }
        }
        // The engine looks for garbage when it allocates; here nobody may do that for long.
        if some_left && self.events.is_idle() {
            self.engine.collect();
        }
        go_on |= some_left;
        // Another turn, for the clock or for what is over now. Not while an object is only waited for.
        if go_on {
            cx.waker().wake_by_ref();
        }
    }

    /// Whether objects should leave because memory is short: the half of those at rest that rests the longest,
    /// and again when the heap has grown further. It is looked at in every turn, so most looks must be cheap.
    pub(super) fn is_pressed(&mut self) -> bool {
        let (used, limit) = self.engine.heap();
        if used < limit / 4 * 3 {
            self.pressed_at = 0;
            return false;
        }
        let grown = used > self.pressed_at;
        if grown {
            self.pressed_at = used + limit / 64;
        }
        grown
    }
}
