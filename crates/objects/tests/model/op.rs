//! What is done to the objects, and how often.

use proptest::prelude::*;

use crate::NAMES;

#[derive(Debug, Clone)]
pub enum Op {
    Use(usize, Vec<Step>, End),
    Wait,
    Reopen,
    Cut,
}

#[derive(Debug, Clone)]
pub enum Step {
    Put(u8, usize),
    PutMany(u8, u8),
    Delete(u8, u8),
    Insert(usize),
    SetAlarm(u8),
    DeleteAlarm,
    DeleteAll,
    Within(Vec<Step>, bool),
}

#[derive(Debug, Clone, Copy)]
pub enum End {
    Flush,
    FlushAndKeep,
    Drop,
}

fn step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![6 => 0..200usize, 2 => 200..6_000usize, 1 => 6_000..60_000usize];
    let leaf = prop_oneof![
        6 => (0..30u8, size.clone()).prop_map(|(key, size)| Step::Put(key, size)),
        1 => (0..30u8, 1..9u8).prop_map(|(from, count)| Step::PutMany(from, count)),
        2 => (0..30u8, 1..9u8).prop_map(|(from, count)| Step::Delete(from, count)),
        2 => size.prop_map(Step::Insert),
        3 => (1..9u8).prop_map(Step::SetAlarm),
        1 => Just(Step::DeleteAlarm),
        1 => Just(Step::DeleteAll),
    ];
    leaf.prop_recursive(2, 12, 4, |step| {
        (prop::collection::vec(step, 1..4), any::<bool>())
            .prop_map(|(steps, keep)| Step::Within(steps, keep))
    })
}

pub fn op() -> impl Strategy<Value = Op> {
    let end =
        prop_oneof![4 => Just(End::Flush), 3 => Just(End::FlushAndKeep), 1 => Just(End::Drop)];
    prop_oneof![
        14 => (0..NAMES.len(), prop::collection::vec(step(), 1..6), end)
            .prop_map(|(object, steps, end)| Op::Use(object, steps, end)),
        3 => Just(Op::Wait),
        1 => Just(Op::Reopen),
        1 => Just(Op::Cut),
    ]
}
