//! Which objects a store knows, deleting them, and the classes of an app.

mod support;

use cellhouse_objects::{Listed, Migration, Namespaces};
use support::Home;

fn make(home: &Home, name: &str) {
    let mut storage = home.storage(name);
    storage.put("k", b"v").unwrap();
    storage.flush().unwrap();
}

fn names(objects: &[Listed]) -> Vec<String> {
    let name = |object: &Listed| object.id.name().map(|name| name.to_string());
    objects
        .iter()
        .map(|object| name(object).unwrap_or_default())
        .collect()
}

#[test]
fn objects_are_listed_once_they_have_stored_something() {
    let home = Home::new();
    let list = |prefix: Option<&str>, limit| {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = home
                .objects
                .list(&home.namespace, prefix, cursor.as_deref(), limit);
            let page = page.unwrap();
            assert!(page.objects.len() <= limit);
            all.extend(page.objects);
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => return all,
            }
        }
    };
    let long = "l".repeat(2_000);
    for name in ["b", "a", "ab", "abc", "é", "", &long] {
        make(&home, name);
    }
    home.storage("never").get("k").unwrap();
    home.storage("only made").create().unwrap();
    let mut made = home.storage("made");
    made.create().unwrap();
    made.flush().unwrap();
    let unique = home.objects.unique_id(&home.namespace).unwrap();
    let mut storage = home.objects.storage(&home.namespace, &unique).unwrap();
    storage.set_alarm(9e12).unwrap();
    storage.flush().unwrap();
    assert_eq!(list(None, 2).len(), 9);
    assert_eq!(
        names(&list(Some(""), 2)),
        ["", "a", "ab", "abc", "b", &long, "made", "é"]
    );
    assert_eq!(names(&list(Some("ab"), 1)), ["ab", "abc"]);
    assert_eq!(names(&list(Some(&long[1..]), 9)), [long.as_str()]);
    assert_eq!(names(&list(Some(&format!("{long}l")), 9)), [""; 0]);
    let found = home
        .objects
        .find(&home.namespace, &unique)
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.id.name(), found.alarm),
        (None, Some(9_000_000_000_000))
    );
    assert!(found.bytes >= 4096);
    let other = cellhouse_objects::Namespace::new("other");
    assert!(
        home.objects
            .list(&other, None, None, 9)
            .unwrap()
            .objects
            .is_empty()
    );
    assert!(home.objects.storage(&other, &unique).is_err());
}

#[test]
fn a_name_that_the_first_writer_knew_is_known_to_all() {
    let home = Home::new();
    make(&home, "hello");
    let id = home.namespace.id_from_name("hello").to_string();
    let nameless = home.namespace.id_from_string(&id).unwrap();
    let storage = home.objects.storage(&home.namespace, &nameless).unwrap();
    assert_eq!(storage.name().unwrap().as_ref(), "hello");
}

#[test]
fn a_deleted_object_is_gone_with_its_cell() {
    let home = Home::new();
    for n in 0..20 {
        make(&home, &n.to_string());
    }
    let mut storage = home.storage("7");
    storage.set_alarm(9e12).unwrap();
    storage.flush().unwrap();
    drop(storage);
    let id = home.namespace.id_from_name("7");
    let (existed, ticket) = home.objects.delete(&home.namespace, &id).unwrap();
    ticket.wait().unwrap();
    assert!(existed && !home.objects.delete(&home.namespace, &id).unwrap().0);
    assert_eq!(home.objects.find(&home.namespace, &id).unwrap(), None);
    assert_eq!(home.index("alarms"), 0);
    let cells = |home: &Home| home.cells.shard().unwrap().cells(None, 99).unwrap().len();
    assert_eq!(cells(&home), 19);
    assert_eq!(home.storage("7").get("k").unwrap(), None);
    make(&home, "7");
    assert_eq!(home.objects.delete_namespace(&home.namespace).unwrap(), 20);
    assert_eq!(cells(&home), 0);
    let home = home.reopen();
    assert_eq!(home.storage("7").get("k").unwrap(), None);
    assert_eq!(home.index("objects") + home.index("objectnames"), 0);
}

#[test]
fn migrations_are_applied_once_and_outlast_a_restart() {
    let home = Home::new();
    let migrations = [
        Migration {
            tag: "v1".to_owned(),
            new_sqlite_classes: vec!["A".to_owned(), "Gone".to_owned()],
            ..Migration::default()
        },
        Migration {
            tag: "v2".to_owned(),
            renamed_classes: vec![("A".to_owned(), "B".to_owned())],
            deleted_classes: vec!["Gone".to_owned()],
            ..Migration::default()
        },
    ];
    let apps = Namespaces::open(&home.cells, "app").unwrap();
    let plan = apps.plan(&migrations[..1], &["A"], false).unwrap();
    assert_eq!(
        apps.namespace("A").unwrap().map(drop),
        None,
        "planning changes nothing"
    );
    apps.apply(&plan).unwrap().wait().unwrap();
    let (a, gone) = (
        apps.namespace("A").unwrap().unwrap(),
        apps.namespace("Gone").unwrap().unwrap(),
    );
    for namespace in [&a, &gone] {
        let id = namespace.id_from_name("x");
        let mut storage = home.objects.storage(namespace, &id).unwrap();
        storage.put("k", b"v").unwrap();
        storage.flush().unwrap();
    }
    drop(apps);
    let home = home.reopen();
    let apps = Namespaces::open(&home.cells, "app").unwrap();
    let plan = apps.plan(&migrations, &["B"], false).unwrap();
    assert_eq!(plan.deleted().count(), 1);
    apps.apply(&plan).unwrap();
    assert_eq!(home.index("objects"), 2);
    assert_eq!(apps.finish_deletions(&home.objects).unwrap(), 1);
    assert_eq!(apps.finish_deletions(&home.objects).unwrap(), 0);
    assert_eq!(home.index("objects"), 1);
    assert!(apps.plan(&migrations, &["B"], false).unwrap().is_empty());
    assert!(apps.namespace("A").unwrap().is_none());
    let b = apps.namespace("B").unwrap().unwrap();
    assert_eq!(b.unique_key(), a.unique_key());
    let id = b.id_from_name("x");
    let mut storage = home.objects.storage(&b, &id).unwrap();
    assert_eq!(storage.get("k").unwrap(), Some(b"v".to_vec()));
    // Another app has classes of its own.
    let other = Namespaces::open(&home.cells, "other").unwrap();
    assert!(other.classes().unwrap().0.is_empty());
    let error = other.plan(&[], &["B"], false).unwrap_err().to_string();
    assert!(error.contains("no migration makes it"), "{error}");
    let plan = other.plan(&[], &["B"], true).unwrap();
    other.apply(&plan).unwrap();
    assert_ne!(
        other.namespace("B").unwrap().unwrap().unique_key(),
        b.unique_key()
    );
}

#[test]
fn two_storages_of_an_object_agree_on_whether_it_exists() {
    let home = Home::new();
    let (mut a, id) = (home.storage("a"), home.namespace.id_from_name("a"));
    let nameless = home.namespace.id_from_string(&id.to_string()).unwrap();
    let mut b = home.objects.storage(&home.namespace, &nameless).unwrap();
    let find = || home.objects.find(&home.namespace, &id).unwrap();
    a.put("k", b"1").unwrap();
    a.flush().unwrap();
    b.put("l", b"1").unwrap();
    b.flush().unwrap();
    let found = find().unwrap();
    assert_eq!(found.id.name().unwrap().as_ref(), "a");
    assert_eq!(b.name().unwrap().as_ref(), "a");
    home.objects.delete(&home.namespace, &id).unwrap();
    assert_eq!(find(), None);
    b.put("m", b"1").unwrap();
    b.flush().unwrap();
    assert!(find().is_some());
    a.delete_all().unwrap();
    a.flush().unwrap();
    assert_eq!((find(), home.index("objectnames")), (None, 0));
}
