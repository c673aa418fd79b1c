//! Random alarms of many objects against a map, with room for fewer of them in memory than there
//! are: each runs once when it is time, is tried again when it fails, and none is left over.

mod support;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::pin;

use cellhouse_objects::{AlarmOutcome, Due};
use proptest::prelude::*;
use support::{BEGIN, Home, settle};

const START: i64 = BEGIN as i64;
/// The pause before the first retry.
const PAUSE: i64 = 2_000;

#[derive(Debug, Clone)]
enum Op {
    Set(u8, i64),
    Delete(u8),
    Fire(u8),
    Advance(i64),
    /// The scheduler looks, without any time passing.
    Look,
    Reopen,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        9 => (0..14u8, -50..400i64).prop_map(|(object, after)| Op::Set(object, after)),
        2 => (0..14u8).prop_map(Op::Delete),
        1 => (0..14u8).prop_map(Op::Fire),
        3 => (1..300i64).prop_map(Op::Advance),
        1 => (1_900..2_100i64).prop_map(Op::Advance),
        2 => Just(Op::Look),
        1 => Just(Op::Reopen),
    ]
}

/// When it is due, and whether it failed before.
type Model = BTreeMap<u8, (i64, bool)>;

/// Every third object fails the first time.
fn fails(object: u8) -> bool {
    object.is_multiple_of(3)
}

fn name(object: u8) -> String {
    format!("object {object}")
}

/// Runs the scheduler until it sleeps: which objects ran.
fn look(home: &Home, ran: &RefCell<Vec<u8>>) {
    let alarms = home.objects.alarms().clone();
    let handler = |due: Due| {
        let id = home.namespace.id_at(&due.address).unwrap();
        let mut storage = home.objects.storage(&home.namespace, &id).unwrap();
        if let Some(info) = storage.alarm_begin(&due).unwrap() {
            let object = (0..14).find(|object| home.namespace.id_from_name(&name(*object)) == id);
            let object = object.unwrap();
            ran.borrow_mut().push(object);
            assert!(due.early || info.scheduled <= home.clock.ms());
            let outcome = match fails(object) && info.retry_count == 0 {
                true => AlarmOutcome::Failed,
                false => AlarmOutcome::Done,
            };
            storage.alarm_end(outcome).unwrap();
        }
        storage.flush().unwrap();
        std::future::ready(Ok(()))
    };
    let mut run = pin!(alarms.run(std::future::pending(), handler));
    settle(run.as_mut());
}

/// What has to run now does, in the model.
fn expect(model: &mut Model, fired: &mut Vec<u8>, now: i64) -> Vec<u8> {
    let mut ran = Vec::new();
    let due = model
        .iter()
        .filter(|(_, (due, _))| *due <= now)
        .map(|(object, _)| *object);
    let mut due: Vec<u8> = due.collect();
    due.append(fired);
    due.sort_unstable();
    due.dedup();
    for object in due {
        let Some((_, failed)) = model.remove(&object) else {
            continue;
        };
        ran.push(object);
        if fails(object) && !failed {
            model.insert(object, (now + PAUSE, true));
        }
    }
    ran
}

fn run(ops: &[Op]) {
    let mut home = Home::with_alarms(4);
    let (mut model, mut fired) = (Model::new(), Vec::new());
    let ran = RefCell::new(Vec::new());
    let end = [Op::Advance(500), Op::Advance(PAUSE), Op::Look];
    for op in ops.iter().chain(&end) {
        let mut looks = false;
        match op {
            Op::Set(object, after) => {
                let due = home.clock.ms() + after;
                let mut storage = home.storage(&name(*object));
                storage.set_alarm(due as f64).unwrap();
                storage.flush().unwrap();
                model.insert(*object, (due, false));
            }
            Op::Delete(object) => {
                let mut storage = home.storage(&name(*object));
                storage.delete_alarm().unwrap();
                storage.flush().unwrap();
                model.remove(object);
            }
            Op::Fire(object) => {
                let id = home.namespace.id_from_name(&name(*object));
                home.objects.alarms().fire_now(home.namespace.address(&id));
                fired.push(*object);
            }
            Op::Advance(ms) => {
                home.clock.set(home.clock.ms() + ms);
                looks = true;
            }
            Op::Look => looks = true,
            Op::Reopen => {
                home = home.reopen();
                fired.clear();
            }
        }
        if !looks {
            continue;
        }
        let expected = expect(&mut model, &mut fired, home.clock.ms());
        look(&home, &ran);
        let mut found = ran.take();
        found.sort_unstable();
        assert_eq!(
            found,
            expected,
            "at {} after {op:?}",
            home.clock.ms() - START
        );
        assert_eq!(home.index("alarms"), model.len());
        assert!(home.objects.alarms().in_memory() <= 5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(48)
    ))]

    #[test]
    fn each_alarm_runs_when_it_is_time_and_once(ops in prop::collection::vec(op(), 1..60)) {
        run(&ops);
    }
}
