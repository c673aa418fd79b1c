//! Point-in-time recovery of an object: its values, its alarm, and whether the store knows it.

mod support;

use cellhouse_objects::{Error, ErrorKind, Storage};
use support::Home;

/// The object starts again.
fn restart(home: &Home, storage: Storage) -> (Storage, bool) {
    drop(storage);
    let mut storage = home.storage("a");
    let restored = storage.restore_if_asked().unwrap();
    (storage, restored)
}

fn put(storage: &mut Storage, value: &str) {
    storage.put("k", value.as_bytes()).unwrap();
}

fn get(storage: &mut Storage) -> Option<Vec<u8>> {
    storage.get("k").unwrap().map(|value| value.to_vec())
}

fn message(result: Result<String, Error>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    error.to_string()
}

#[test]
fn an_object_goes_back_when_it_next_starts_and_that_can_be_undone() {
    let home = Home::new();
    let mut storage = home.storage("a");
    put(&mut storage, "one");
    let one = storage.current_bookmark().unwrap();
    put(&mut storage, "two");
    let undo = storage.restore_on_next_start(&one).unwrap();
    assert!(undo > one);
    put(&mut storage, "three");
    storage.flush().unwrap();
    assert_eq!(get(&mut storage), Some(b"three".to_vec()), "not yet");
    let (mut storage, restored) = restart(&home, storage);
    assert!(restored);
    assert_eq!(get(&mut storage), Some(b"one".to_vec()));
    let (mut storage, restored) = restart(&home, storage);
    assert!(!restored, "only once");
    storage.restore_on_next_start(&undo).unwrap();
    drop(storage);
    let home = home.reopen();
    let mut storage = home.storage("a");
    assert!(
        storage.restore_if_asked().unwrap(),
        "what was asked for is durable"
    );
    assert_eq!(get(&mut storage), Some(b"three".to_vec()));
    put(&mut storage, "four");
    storage.flush().unwrap();
    assert_eq!(home.index("objectrestores"), 0);
}

#[test]
fn who_was_asked_is_known_without_reading_the_store_each_time() {
    let home = Home::new();
    let mut storage = home.storage("a");
    let (a, b) = (storage.address(), home.storage("b").address());
    assert!(!home.objects.may_restore(&a).unwrap());
    put(&mut storage, "one");
    let one = storage.current_bookmark().unwrap();
    storage.restore_on_next_start(&one).unwrap();
    assert!(home.objects.may_restore(&a).unwrap());
    drop(storage);
    let home = home.reopen();
    assert!(home.objects.may_restore(&a).unwrap());
    assert!(!home.objects.may_restore(&b).unwrap());
    let (storage, restored) = restart(&home, home.storage("a"));
    assert!(restored);
    storage.ticket().wait().unwrap();
    let (_, restored) = restart(&home, storage);
    assert!(!restored);
    assert!(!home.objects.may_restore(&a).unwrap());
}

#[test]
fn the_alarm_and_the_registry_follow() {
    let home = Home::new();
    let mut storage = home.storage("a");
    let nothing = storage.current_bookmark().unwrap();
    storage.set_alarm(4e12).unwrap();
    put(&mut storage, "with alarm");
    let with = storage.current_bookmark().unwrap();
    storage.delete_all().unwrap();
    storage.flush().unwrap();
    assert_eq!((home.index("objects"), home.index("alarms")), (0, 0));
    storage.restore_on_next_start(&with).unwrap();
    let (mut storage, _) = restart(&home, storage);
    assert_eq!(storage.alarm().unwrap(), Some(4_000_000_000_000));
    assert_eq!(get(&mut storage), Some(b"with alarm".to_vec()));
    assert!(storage.exists());
    let rows = ["objects", "objectnames", "alarms"].map(|keyspace| home.index(keyspace));
    assert_eq!(rows, [1, 1, 1]);
    storage.restore_on_next_start(&nothing).unwrap();
    let (mut storage, _) = restart(&home, storage);
    assert_eq!(get(&mut storage), None);
    assert!(!storage.exists());
    let rows = ["objects", "objectnames", "alarms"].map(|keyspace| home.index(keyspace));
    assert_eq!(rows, [0, 0, 0]);
    put(&mut storage, "again");
    storage.flush().unwrap();
    assert!(storage.exists());
    assert_eq!((home.index("objects"), home.index("objectnames")), (1, 1));
}

#[test]
fn what_is_no_good_is_refused_and_the_object_goes_on() {
    let home = Home::new();
    let (mut storage, mut other) = (home.storage("a"), home.storage("b"));
    put(&mut storage, "one");
    put(&mut other, "one");
    let foreign = other.current_bookmark().unwrap();
    drop(other);
    let refused = message(storage.restore_on_next_start("x"));
    assert!(refused.ends_with("it is not a bookmark that was given here"));
    let refused = message(storage.restore_on_next_start(&foreign));
    assert!(refused.ends_with("it is of another database"), "{refused}");
    let mut new = home.storage("new");
    let now = cellhouse_cell::Clock::now(&cellhouse_cell::RealClock::default());
    let now = now
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis() as f64;
    let refused = message(new.bookmark_for_time(now));
    assert_eq!(refused, "This database has no history.");
    new.current_bookmark().unwrap();
    let refused = message(storage.bookmark_for_time(now - 60_000.0));
    assert_eq!(refused, "Requested time is before this database existed.");
    let date = storage.bookmark_for_time(f64::NAN).unwrap_err();
    assert_eq!(date.kind(), ErrorKind::Type);
    let refused = message(storage.bookmark_for_time(8e15));
    assert!(refused.ends_with("it lies in the future"), "{refused}");
    let refused = message(storage.bookmark_for_time(0.0));
    assert!(refused.ends_with("no longer kept"), "{refused}");
    let level = storage.transaction().unwrap();
    let refused = message(storage.current_bookmark());
    assert_eq!(
        refused,
        "Cannot call getCurrentBookmark() within a transaction"
    );
    storage.rollback(level).unwrap();
    assert_eq!(get(&mut storage), Some(b"one".to_vec()));
    let (mut storage, restored) = restart(&home, storage);
    assert!(!restored);
    assert_eq!(get(&mut storage), Some(b"one".to_vec()));
}

#[test]
fn a_deleted_object_leaves_nothing() {
    let home = Home::new();
    let mut storage = home.storage("a");
    put(&mut storage, "one");
    let one = storage.current_bookmark().unwrap();
    put(&mut storage, "two");
    storage.restore_on_next_start(&one).unwrap();
    drop(storage);
    let id = home.namespace.id_from_name("a");
    home.objects.delete(&home.namespace, &id).unwrap();
    assert!(home.cells.shard().unwrap().is_empty().unwrap());
}
